import type { SimulatorStats } from './simulator-line.ts';
import type { EventSourceStats } from './event-source/stats.ts';
import type { Landed } from './warehouse.ts';

/** Everything that the final reconciliation compares. */
export interface Reconciliation {
  readonly simulator: SimulatorStats | undefined;
  /** Connections that the streamer had open, one after the other or side by side. */
  readonly sessions: number;
  readonly received: number;
  readonly published: number;
  readonly dropped: number;
  /** Times the streamer died; `received` and `published` are then lower bounds. */
  readonly crashes: number;
  readonly landed: Landed;
  readonly eventSource: EventSourceStats;
  readonly streamerExit: number | null;
  readonly duplicatesSkipped: number;
}

/** True where every frame received is known to be in ClickHouse exactly once. */
export function isWhole({ sessions, received, dropped, crashes, landed, streamerExit }: Reconciliation): boolean {
  return (
    sessions > 0 &&
    streamerExit === 0 &&
    crashes === 0 &&
    dropped === 0 &&
    received === landed.frames &&
    landed.frames === landed.distinct &&
    landed.blocks === landed.distinctBlocks
  );
}

/** The reconciliation as a person reads it; `dataDir` is where the logs are. */
export function renderReconciliation(r: Reconciliation, dataDir: string): string {
  const { landed, simulator } = r;
  // A dead streamer's last heartbeat is older than its last block.
  const bound = (known: number): string => (r.crashes === 0 ? n(known) : `>= ${n(Math.max(known, landed.distinct))}`);
  const lines = [
    ['frames sent by the exchange', simulator === undefined ? 'not known' : n(simulator.frames)],
    ['frames received', bound(r.received)],
    ['frames published', bound(r.published)],
    ['frames landed', n(landed.frames)],
    ['  of them different', n(landed.distinct)],
    ['frames dropped by us', n(r.dropped)],
    ['blocks landed', n(landed.blocks)],
    ['blocks delivered again, skipped', n(r.duplicatesSkipped)],
    ['records to the failure folder', n(r.eventSource.sentToDestination)],
    ...Object.entries(landed.rows).map(([table, rows]) => [`rows in ${table}`, n(rows)] as const),
    ['holes not closed', n(landed.gapsOpen)],
    ['rejects', n(landed.rejects)],
    ...(r.crashes === 0 ? [] : [['times the streamer died', n(r.crashes)] as const]),
  ] as const;
  const width = Math.max(...lines.map(([name]) => name.length));
  const table = lines.map(([name, value]) => `  ${name.padEnd(width)}  ${value.padStart(12)}`).join('\n');
  return `Reconciliation of this run\n${table}\n${verdictOf(r, dataDir)}\n`;
}

function verdictOf(r: Reconciliation, dataDir: string): string {
  if (r.sessions === 0)
    return `Nothing was received: no connection to the exchange was ever open, see ${dataDir}/logs/streamer.ndjson`;
  if (isWhole(r)) return 'Every frame received is in ClickHouse exactly once.';
  if (r.crashes > 0 && r.published <= r.landed.distinct && isWhole({ ...r, crashes: 0, received: r.landed.frames }))
    return 'NOT whole: every frame published is in ClickHouse exactly once, but what the streamer had in its hands when it died is lost. Table gaps says from when to when (cause recorder_crashed).';
  return 'NOT every frame received is in ClickHouse exactly once: see the lines that differ above.';
}

/** One line of live status. */
export interface Status {
  readonly elapsed_sec: number;
  readonly ws_state: string;
  readonly received: number;
  readonly perSecond: number;
  readonly landed: number;
  readonly lag_sec: number;
  readonly gaps: number;
  readonly spool: number;
}

export function renderStatus(s: Status): string {
  const clock = `${String(Math.floor(s.elapsed_sec / 60)).padStart(2, '0')}:${String(Math.floor(s.elapsed_sec % 60)).padStart(2, '0')}`;
  return [
    clock,
    `ws ${s.ws_state}`,
    `received ${n(s.received)} (${n(Math.round(s.perSecond))}/s)`,
    `landed ${n(s.landed)}`,
    `waiting ${s.lag_sec.toFixed(1)} s`,
    `holes ${n(s.gaps)}`,
    `spool ${n(s.spool)}`,
  ].join('   ');
}

function n(value: number): string {
  return value.toLocaleString('en-US');
}
