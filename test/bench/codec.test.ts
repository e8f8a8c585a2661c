import { describe, expect, it } from 'vitest';
import { checkBlocks, cutTape, encodeAt, framesOf } from '../../bench/block/codec.ts';
import { floodTape, mixedTape } from '../../bench/block/tapes.ts';
import { framesUpTo, readBlocks } from '../../bench/streamer/blocks.ts';

describe('the block benchmark', () => {
  const mixed = mixedTape(5_000, 2_000);

  it('has a tape whose instants rise and whose blocks are cut by age, each a second', () => {
    expect(mixed.every(({ recv_ts }, i) => i === 0 || recv_ts > mixed[i - 1]!.recv_ts)).toBe(true);
    const blocks = cutTape(mixed);
    expect(blocks.map(({ header }) => header.cut_reason)).toEqual(['age', 'age', 'session_end']);
    expect(blocks[0]?.header.count).toBeCloseTo(2_000, -2);
  });

  it('has a flood whose blocks are cut by rows', () => {
    expect(cutTape(floodTape(10_000)).map(({ header }) => header.cut_reason)).toEqual(['rows', 'rows']);
  });

  it('finds the tape in its blocks, at the levels of the Cutter and at any other', () => {
    const blocks = cutTape(mixed);
    expect(() => checkBlocks(mixed, blocks)).not.toThrow();
    expect(() => checkBlocks(mixed, encodeAt(3, framesOf(mixed, blocks)))).not.toThrow();
  });

  it('refuses blocks that are not the tape', () => {
    expect(() => checkBlocks(mixed, cutTape(mixed.slice(0, -1)))).toThrow(/frames are in the blocks/);
    expect(() => checkBlocks(floodTape(5_000), cutTape(mixed))).toThrow(/not what was put into it/);
  });
});

describe('the check of the streamer benchmark', () => {
  const records = cutTape(floodTape(12_000)).map(({ record }) => record);

  it('reads the last frame of a record from its header', () => {
    expect(records.map(framesUpTo)).toEqual([5_000, 10_000, 12_000]);
    expect(framesUpTo(undefined)).toBe(0);
  });

  it('counts every frame of a whole recording and no fault', () => {
    expect(readBlocks(records)).toMatchObject({ blocks: 3, frames: 12_000, faults: 0 });
  });

  it('sees a block that is missing, repeated or damaged', () => {
    const damaged = Buffer.from(records[1]!);
    damaged[200]! ^= 1;
    expect(readBlocks([records[0]!, records[2]!]).faults).toBeGreaterThan(0);
    expect(readBlocks([records[0]!, records[0]!]).faults).toBeGreaterThan(0);
    expect(readBlocks([damaged])).toMatchObject({ frames: 0, faults: 1 });
  });
});
