import type { Bar } from '../support/bars.ts';
import type { Outcome } from '../support/outcome.ts';
import { type Spread, spreadOf } from '../support/stats.ts';
import { numberText, spreadText, tableText } from '../support/table.ts';
import { type Measured, type Mode, MODES, type SenderReady } from './messages.ts';

/** One pass of every mode, one after the other. */
export type Round = Readonly<Record<Mode, Measured>>;

const OF_COUNT_AT_LEAST = 0.5;
const OF_PARSE_AT_LEAST = 1.7;

/** What the recording lacks of what was sent; empty where it is whole. */
export function faultsOf({ recorded }: Measured, flood: SenderReady): readonly string[] {
  if (recorded === undefined) return ['nothing was recorded'];
  const faults: string[] = [];
  if (recorded.frames !== flood.frames) faults.push(`${recorded.frames} of ${flood.frames} frames`);
  if (recorded.sha256 !== flood.sha256) faults.push('other bytes than were sent');
  if (recorded.gaps > 0) faults.push(`${recorded.gaps} gaps`);
  if (recorded.faults > 0) faults.push(`${recorded.faults} faults in the blocks`);
  if (recorded.framesLost > 0) faults.push(`${recorded.framesLost} frames lost at the end`);
  return faults;
}

/** Ratios are taken within a round: its passes lie seconds apart. */
export function outcomeOf(rounds: readonly Round[], flood: SenderReady, pinned: boolean): Outcome {
  const ofCount = spreadOf(rounds.map((round) => rateOf(round.streamer) / rateOf(round.count)));
  const ofParse = spreadOf(rounds.map((round) => rateOf(round.streamer) / rateOf(round.parse)));
  const packed = spreadOf(rounds.map(({ streamer: { recorded } }) => recorded!.recordBytes / recorded!.frames));
  const modes = MODES.map((mode) => ({ mode, ...modeOf(rounds.map((round) => round[mode])) }));
  const bars: Bar[] = [
    { name: 'streamer / ws counting', value: ofCount.median, atLeast: OF_COUNT_AT_LEAST },
    { name: 'streamer / ws + JSON.parse', value: ofParse.median, atLeast: OF_PARSE_AT_LEAST },
  ];
  const text = [
    `streamer: ${rounds.length} rounds of ${numberText(flood.frames, 0)} frames, ${(flood.bytes / flood.frames).toFixed(1)} bytes each; median (range)\n`,
    pinned ? '' : '  not pinned: no taskset or one core only, so the processes may disturb each other\n',
    tableText(
      ['mode', 'msg/s', 'CPU s per million', 'of the core', 'RSS MB'],
      modes.map(({ mode, rate, cpu, busy, rss }) => [
        mode,
        spreadText(rate, 0),
        spreadText(cpu, 2),
        spreadText(busy, 2),
        spreadText(rss, 0),
      ]),
    ),
    `  streamer / count ${spreadText(ofCount, 2)}; streamer / parse ${spreadText(ofParse, 2)}\n`,
    `  blocks: ${spreadText(packed, 2)} bytes a message; every frame decoded to the bytes that were sent, no gap\n`,
  ].join('');
  const numbers = {
    frames: flood.frames,
    pinned,
    modes,
    of_count: ofCount,
    of_parse: ofParse,
    bytes_per_message: packed,
  };
  return { text, numbers, bars };
}

function rateOf({ frames, wall_sec }: Measured): number {
  return frames / wall_sec;
}

interface ModeNumbers {
  /** Messages per second. */
  readonly rate: Spread;
  /** CPU seconds per million messages. */
  readonly cpu: Spread;
  /** CPU time over wall time: 1 is a core of one's own, fully used. */
  readonly busy: Spread;
  /** Megabytes; the streamer's hold all blocks of the pass, kept for the check. */
  readonly rss: Spread;
}

function modeOf(passes: readonly Measured[]): ModeNumbers {
  return {
    rate: spreadOf(passes.map(rateOf)),
    cpu: spreadOf(passes.map(({ cpu_sec, frames }) => (cpu_sec * 1e6) / frames)),
    busy: spreadOf(passes.map(({ cpu_sec, wall_sec }) => cpu_sec / wall_sec)),
    rss: spreadOf(passes.map(({ rss_bytes }) => rss_bytes / 1e6)),
  };
}
