import type { Drill } from './drill.ts';
import { shortName, type Watched } from './watch.ts';

const WIDTH = 960;
const LEFT = 190;
const RIGHT = 20;
const LANE = 18;
const GRAPH = 90;
const TOP = 60;
const MINUTE_MS = 60_000;
/** A line of lag stands for this many seconds at its top at least. */
const LAG_TOP_SEC = 60;
const COLOURS = { ALARM: '#c62828', OK: '#a5d6a7', INSUFFICIENT_DATA: '#cfd8dc' } as const;

/** The drill as SVG: lag and errors over virtual time, the fault's span, and the states of every alarm that changed. */
export function pictureOf({ name, fault }: Drill, { timeline, scaled }: Watched): string {
  const { from_ms, to_ms, fault_ms, healed_ms } = scaled;
  const x = (ts_ms: number): number => LEFT + ((ts_ms - from_ms) / (to_ms - from_ms)) * (WIDTH - LEFT - RIGHT);
  const changed = timeline.transitions.filter(({ ts_ms }) => ts_ms >= fault_ms).map(({ alarm }) => alarm);
  const lanes = [...new Set(changed)];
  const bottom = TOP + GRAPH + 20 + lanes.length * LANE;
  const lag = scaled.lines.flatMap(({ text, ts_ms, program }) => {
    const found = program === 'streamer' ? /"ingest_lag_sec":([\d.]+)/.exec(text)?.[1] : undefined;
    return found === undefined ? [] : [{ ts_ms, value: Number(found) }];
  });
  const most = Math.max(LAG_TOP_SEC, ...lag.map(({ value }) => value));
  const y = (value: number): number => TOP + GRAPH - (value / most) * GRAPH;
  const errors = scaled.lines.filter(({ text }) => /"level":"(WARN|ERROR|CRITICAL)"/.test(text));
  const minutes = Math.round((to_ms - from_ms) / MINUTE_MS);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${bottom + 30}" font-family="sans-serif" font-size="11">`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    `<text x="10" y="20" font-size="15">${escaped(name)}</text><text x="10" y="38">${escaped(fault)}</text>`,
    `<rect x="${n(x(fault_ms))}" y="${TOP - 8}" width="${n(x(healed_ms) - x(fault_ms))}" height="${bottom - TOP + 8}" fill="#fff3e0"/>`,
    `<text x="10" y="${TOP + 12}">lag, s (top ${Math.round(most)})</text>`,
    `<polyline fill="none" stroke="#1565c0" points="${lag.map((at) => `${n(x(at.ts_ms))},${n(y(at.value))}`).join(' ')}"/>`,
    `<text x="10" y="${TOP + GRAPH - 2}" fill="#c62828">lines of WARN and above</text>`,
    ...errors.map((at) => `<path d="M${n(x(at.ts_ms))} ${TOP + GRAPH}v-8" stroke="#c62828" stroke-opacity=".5"/>`),
    ...lanes.flatMap((alarm, index) => laneOf(alarm, TOP + GRAPH + 20 + index * LANE)),
    `<text x="${LEFT}" y="${bottom + 18}">${minutes} virtual minutes; orange: the fault; a bell: somebody was told</text>`,
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;

  function laneOf(alarm: string, top: number): readonly string[] {
    const own = timeline.transitions.filter((one) => one.alarm === alarm);
    const told = timeline.notifications.filter((one) => one.alarm === alarm && one.state === 'ALARM');
    return [
      `<text x="10" y="${top + 12}">${escaped(shortName(alarm))}</text>`,
      ...own.map(({ ts_ms, to }, index) => {
        const until = own[index + 1]?.ts_ms ?? to_ms;
        return `<rect x="${n(x(ts_ms))}" y="${top}" width="${n(x(until) - x(ts_ms))}" height="${LANE - 4}" fill="${COLOURS[to]}"/>`;
      }),
      ...told.map(({ ts_ms }) => `<text x="${n(x(ts_ms))}" y="${top + 12}">🔔</text>`),
    ];
  }
}

function n(value: number): string {
  return value.toFixed(1);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
