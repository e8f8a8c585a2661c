import { createHash } from 'node:crypto';
import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { BlockBuilder, type Encoded } from '../../../core/tape/block-builder.ts';
import { encodeAll, frame, IDENTITY, type Input, inputOf, MARKERS, markerInput, read, T0 } from './build-block.ts';

/** Bytes that nothing packs, the same every time. */
function noise(bytes: number, seed: string | number): Buffer {
  return createHash('shake256', { outputLength: bytes }).update(String(seed)).digest();
}

/** Everything that came out, in order, as it went in; and the numbers that frames and markers were given. */
function outputOf({ blocks }: Encoded): { inputs: Input[]; frames: number[]; markers: number[] } {
  const entries = blocks.flatMap(({ record }) => read(record).entries);
  return {
    inputs: entries.map(inputOf),
    frames: entries.flatMap((entry) => (entry.kind === 'marker' ? [] : [entry.frame_no])),
    markers: entries.flatMap((entry) => (entry.kind === 'marker' ? [entry.marker_no] : [])),
  };
}

const countFrom = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);

describe('a block that would be too large a record', () => {
  const entries = fc.array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.tuple(fc.nat(2_000), fc.nat()).map(([bytes, seed]) => ['binary', noise(bytes, seed)] as const),
      },
      { weight: 1, arbitrary: fc.constant(['marker', Buffer.from(JSON.stringify(MARKERS.subscribed))] as const) },
    ),
    { minLength: 1, maxLength: 80 },
  );

  test.prop([entries, fc.integer({ min: 3_000, max: 20_000 })])(
    'becomes several, none too large, that hold the same entries under the same numbers',
    (items, maxRecordBytes) => {
      const inputs = items.map(([kind, raw], i): Input => ({ kind, raw, recv_ts: T0 + i * 3 }));
      const encoded = encodeAll(inputs, { maxRecordBytes });
      expect(encoded.oversize).toEqual([]);
      for (const { record } of encoded.blocks) expect(record.length).toBeLessThanOrEqual(maxRecordBytes);

      const out = outputOf(encoded);
      const frames = inputs.filter(({ kind }) => kind !== 'marker').length;
      expect(out.inputs).toEqual(inputs);
      expect(out.frames).toEqual(countFrom(IDENTITY.first_frame_no, frames));
      expect(out.markers).toEqual(countFrom(IDENTITY.first_marker_no, inputs.length - frames));
      expect(new Set(encoded.blocks.map(({ header }) => header.block_id)).size).toBe(encoded.blocks.length);
    },
  );

  test('is split only as far as needed', () => {
    const inputs = countFrom(0, 16).map((i) => frame(noise(1_000, i), T0 + i));
    expect(encodeAll(inputs, { maxRecordBytes: 20_000 }).blocks).toHaveLength(1);
    expect(encodeAll(inputs, { maxRecordBytes: 10_000 }).blocks).toHaveLength(2);
    expect(encodeAll(inputs, { maxRecordBytes: 5_000 }).blocks).toHaveLength(4);
  });

  test('may be as large as the bound and not a byte larger', () => {
    const inputs = [frame(noise(900, 1), T0), frame(noise(900, 2), T0 + 1)];
    const { length } = encodeAll(inputs).blocks[0]!.record;
    expect(encodeAll(inputs, { maxRecordBytes: length }).blocks).toHaveLength(1);
    expect(encodeAll(inputs, { maxRecordBytes: length - 1 }).blocks).toHaveLength(2);
  });

  test('names blocks apart where markers alone fill them', () => {
    const text = noise(600, 1).toString('hex');
    const inputs = countFrom(0, 8).map((i) =>
      markerInput({ ...MARKERS.subscribed, markets: [`${text}${i}`, noise(600, i).toString('hex')] }, T0 + i),
    );
    const { blocks } = encodeAll(inputs, { maxRecordBytes: 3_000 });
    expect(blocks.length).toBeGreaterThan(2);
    expect(new Set(blocks.map(({ header }) => header.block_id)).size).toBe(blocks.length);
    for (const { header } of blocks) expect(header).toMatchObject({ count: 0, first_frame_no: 7, last_frame_no: 6 });
  });
});

describe('an entry that is too large even alone', () => {
  test('is reported with its number and its instant, and the others keep theirs', () => {
    const inputs = [
      frame('a', T0),
      frame(noise(9_000, 1), T0 + 1),
      markerInput(MARKERS.subscribed, T0 + 2),
      frame('b', T0 + 3),
    ];
    const encoded = encodeAll(inputs, { maxRecordBytes: 5_000 });
    expect(encoded.oversize).toEqual([{ frame_no: 8, recv_ts: T0 + 1, bytes: 9_000 }]);
    const out = outputOf(encoded);
    expect([out.frames, out.markers]).toEqual([[7, 9], [3]]);
    expect(out.inputs).toEqual([inputs[0], inputs[2], inputs[3]]);
  });

  test('is reported as frame 0 where it is a marker, and takes its number with it', () => {
    const markets = countFrom(0, 200).map((i) => noise(30, i).toString('hex'));
    const inputs = [markerInput({ ...MARKERS.subscribed, markets }, T0), markerInput(MARKERS.subscribed, T0 + 1)];
    const encoded = encodeAll(inputs, { maxRecordBytes: 4_000 });
    expect(encoded.oversize).toEqual([{ frame_no: 0, recv_ts: T0, bytes: inputs[0]!.raw.length }]);
    expect(outputOf(encoded).markers).toEqual([4]);
  });

  test('is reported each, where all are', () => {
    const inputs = countFrom(0, 5).map((i) => frame(noise(9_000, i), T0 + i));
    const { blocks, oversize } = encodeAll(inputs, { maxRecordBytes: 5_000 });
    expect(blocks).toEqual([]);
    expect(oversize.map(({ frame_no }) => frame_no)).toEqual([7, 8, 9, 10, 11]);
  });

  test('packs small where its bytes do, and is a block', () => {
    const { blocks, oversize } = encodeAll([frame(Buffer.alloc(1_000_000, 'a'))], { maxRecordBytes: 5_000 });
    expect([blocks.length, oversize]).toEqual([1, []]);
  });
});

describe('a builder', () => {
  test('copies what it is given', () => {
    const builder = new BlockBuilder();
    const raw = Buffer.from('before');
    builder.append('text', raw, T0);
    raw.write('behind');
    const { blocks } = builder.encode(IDENTITY, 1, 100_000);
    expect(read(blocks[0]!.record).entries[0]).toMatchObject({ raw: Buffer.from('before') });
  });

  test('knows what it holds and starts anew after each block', () => {
    const builder = new BlockBuilder(8, 1);
    const counts = () => [builder.entries, builder.frames, builder.rawBytes, builder.oldestTs];
    expect(counts()).toEqual([0, 0, 0, undefined]);
    builder.append('text', Buffer.from('ab'), T0);
    builder.append('marker', Buffer.from(JSON.stringify(MARKERS.subscribed)), T0 + 1);
    builder.append('binary', Buffer.alloc(0), T0 + 2);
    expect(counts()).toEqual([3, 2, 2 + JSON.stringify(MARKERS.subscribed).length, T0]);
    const first = builder.encode(IDENTITY, 1, 100_000).blocks[0]!.record;
    const copy = Buffer.from(first);
    expect(counts()).toEqual([0, 0, 0, undefined]);
    const second = encodeAll([frame('other', T0 + 9)], { builder });
    expect(first.equals(copy)).toBe(true);
    expect(outputOf(second).inputs).toEqual([frame('other', T0 + 9)]);
  });

  test('holds more than it expected', () => {
    const inputs = countFrom(0, 3_000).map((i) => frame(`frame ${i}`, T0 + i));
    expect(outputOf(encodeAll(inputs)).inputs).toEqual(inputs);
  });
});
