import { decodeBlock, type EncodedBlock } from '../../core/tape/block.ts';
import type { Outcome, Say } from '../support/outcome.ts';
import { spreadOf } from '../support/stats.ts';
import { spreadText, tableText } from '../support/table.ts';
import { checkBlocks, cutTape, encodeAt, framesOf, recordBytes } from './codec.ts';
import { type Arrival, floodTape, mixedTape } from './tapes.ts';

export interface BlockOptions {
  readonly repeats: number;
  /** Frames of each tape. */
  readonly frames: number;
}

const PER_SECOND = 2_000;
const LEVELS = [-3, 1, 2, 3, 5, 6, 8, 10, 12];
const BYTES_AT_MOST = 25;

/** Bytes and processor time a message of the block codec: as the Cutter chooses, and level by level. */
export function benchBlock({ repeats, frames }: BlockOptions, say: Say): Outcome {
  const tapes = [
    { name: `simulator, ${PER_SECOND} msg/s`, tape: mixedTape(frames, PER_SECOND) },
    { name: 'delta flood', tape: floodTape(frames) },
  ].map(({ name, tape }) => {
    say(`block: ${name}`);
    return { name, ...measureTape(tape, repeats) };
  });
  const [simulator] = tapes;
  const text = tapes.map(textOf).join('\n');
  const bars = [
    { name: "bytes a message in Kinesis, simulator's tape", value: simulator?.bytes ?? NaN, atMost: BYTES_AT_MOST },
  ];
  return {
    text: `block: ${repeats} repeats of ${frames} frames; processor time, median (range)\n${text}`,
    numbers: { tapes },
    bars,
  };
}

function measureTape(tape: readonly Arrival[], repeats: number) {
  const blocks = cutTape(tape);
  checkBlocks(tape, blocks);
  const groups = framesOf(tape, blocks);
  const times = new Map<string, number[]>();
  const time = (name: string, work: () => unknown): void => {
    const from = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(from);
    times.set(name, [...(times.get(name) ?? []), (user + system) / tape.length]);
  };
  const atLevel = new Map<number, readonly EncodedBlock[]>();
  // The first turn is the compiler's.
  for (let turn = 0; turn <= repeats; turn++) {
    if (turn === 1) times.clear();
    time('cut', () => cutTape(tape));
    time('decode', () => blocks.forEach(({ record }) => decodeBlock(record)));
    for (const level of LEVELS) time(`level ${level}`, () => atLevel.set(level, encodeAt(level, groups)));
  }
  const spread = (name: string) => spreadOf(times.get(name) ?? []);
  return {
    raw: tape.reduce((sum, { raw }) => sum + raw.length, 0) / tape.length,
    frames: tape.length / blocks.length,
    bytes: recordBytes(blocks) / tape.length,
    recordMax: Math.max(...blocks.map(({ record }) => record.length)),
    cut_us: spread('cut'),
    decode_us: spread('decode'),
    levels: LEVELS.map((level) => ({
      level,
      bytes: recordBytes(atLevel.get(level) ?? []) / tape.length,
      encode_us: spread(`level ${level}`),
    })),
  };
}

function textOf({
  name,
  raw,
  frames,
  bytes,
  recordMax,
  cut_us,
  decode_us,
  levels,
}: { name: string } & ReturnType<typeof measureTape>): string {
  const rows = levels.map(({ level, bytes: packed, encode_us }) => [
    `zstd ${level}`,
    packed.toFixed(2),
    (raw / packed).toFixed(1),
    spreadText(encode_us, 2),
  ]);
  return [
    `  ${name}: ${raw.toFixed(1)} bytes a message, ${frames.toFixed(0)} messages a block, the largest record ${recordMax} bytes\n`,
    `  as the Cutter chooses: ${bytes.toFixed(2)} bytes a message, cut ${spreadText(cut_us, 2)} us, decode ${spreadText(decode_us, 2)} us a message\n`,
    tableText(['level', 'bytes a message', 'ratio', 'append + encode, us a message'], rows),
  ].join('');
}
