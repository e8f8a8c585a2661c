import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BLOCK_MAX_RAW_BYTES, BLOCK_MAX_RECORD_BYTES } from '../../../core/contract/limits.ts';
import { decodeBlock, type EncodedBlock, type Entry } from '../../../core/tape/block.ts';
import type { Oversize } from '../../../core/tape/block-builder.ts';
import { type CutBounds, Cutter } from '../../../ecs/publish/cutter.ts';
import { noise, SUBSCRIBED } from '../blocks.ts';

const IDENTITY = { recorder_id: 'r', session_id: 's' };
const WIDE: CutBounds = { rows: 1e5, rawBytes: BLOCK_MAX_RAW_BYTES, age_us: 1e6 };

function cutting(bounds: Partial<CutBounds> = {}) {
  const time = { now: 1_000_000 };
  const blocks: EncodedBlock[] = [];
  const oversize: Oversize[] = [];
  const ports = {
    now: () => time.now,
    onBlock: (block: EncodedBlock) => blocks.push(block),
    onOversize: (o: Oversize) => oversize.push(o),
  };
  return { time, blocks, oversize, cutter: new Cutter(IDENTITY, { ...WIDE, ...bounds }, ports) };
}

function entriesOf(blocks: readonly EncodedBlock[]): Entry[] {
  return blocks.flatMap(({ record }) => {
    const decoded = decodeBlock(record);
    if (!decoded.ok) throw new Error(decoded.fault);
    return decoded.block.entries;
  });
}

describe('a block is cut', () => {
  test('at so many rows', () => {
    const { cutter, blocks } = cutting({ rows: 3 });
    for (let i = 0; i < 7; i++) cutter.frame('text', Buffer.from('x'));
    expect(blocks.map(({ header }) => header)).toMatchObject([
      { first_frame_no: 1, last_frame_no: 3, cut_reason: 'rows' },
      { first_frame_no: 4, last_frame_no: 6, cut_reason: 'rows' },
    ]);
    expect(cutter.buffered).toBe(1);
  });

  test('at so many bytes', () => {
    const { cutter, blocks } = cutting({ rawBytes: 1_024 });
    for (let i = 0; i < 4; i++) cutter.frame('text', noise(600, i));
    expect(blocks.map(({ header }) => header)).toMatchObject([{ count: 2, cut_reason: 'bytes' }, { count: 2 }]);
  });

  test('at its age and not before, markers alone too', () => {
    const { cutter, blocks, time } = cutting();
    cutter.marker(SUBSCRIBED);
    time.now += 999_999;
    cutter.tick();
    expect(blocks).toEqual([]);
    time.now += 1;
    cutter.tick();
    expect(blocks.map(({ header }) => header)).toMatchObject([
      { count: 0, markers: 1, cut_reason: 'age', first_frame_no: 1, last_frame_no: 0 },
    ]);
  });

  test('before it grows beyond what a block may hold', () => {
    const { cutter, blocks } = cutting();
    for (let i = 0; i < 22; i++) cutter.frame('text', Buffer.alloc(200_000, 'x'));
    expect(blocks.map(({ header }) => header)).toMatchObject([{ count: 20, raw_bytes: 4_000_000 }]);
  });
});

describe('a frame that does not fit a record', () => {
  test.each([BLOCK_MAX_RECORD_BYTES + 1, BLOCK_MAX_RAW_BYTES + 1])(
    'of %i bytes is told at once, and its number stays empty',
    (bytes) => {
      const { cutter, blocks, oversize } = cutting();
      cutter.frame('text', Buffer.from('before'));
      cutter.frame('text', noise(bytes, 1));
      expect(oversize).toMatchObject([{ frame_no: 2, bytes }]);
      cutter.frame('text', Buffer.from('behind'));
      cutter.cut('shutdown');
      const frames = entriesOf(blocks).filter((entry) => entry.kind !== 'marker');
      expect(frames.map(({ frame_no, raw }) => [frame_no, raw.toString()])).toEqual([
        [1, 'before'],
        [3, 'behind'],
      ]);
    },
  );

  test('but packs well is kept', () => {
    const { cutter, blocks, oversize } = cutting();
    cutter.frame('text', Buffer.alloc(BLOCK_MAX_RAW_BYTES, 'x'));
    expect(oversize).toEqual([]);
    expect(blocks).toHaveLength(1);
  });
});

test('whatever comes, entries keep their order, numbers go on without a hole and times rise strictly, whatever the clock does', () => {
  const act = fc.oneof(
    { weight: 5, arbitrary: fc.record({ frame: fc.uint8Array({ maxLength: 60 }), isBinary: fc.boolean() }) },
    { weight: 2, arbitrary: fc.constant({ marker: true as const }) },
    { weight: 1, arbitrary: fc.constant({ cut: true as const }) },
    { weight: 2, arbitrary: fc.integer({ min: -2_000_000, max: 2_000_000 }).map((step) => ({ step })) },
  );
  const bounds = fc.record({ rows: fc.integer({ min: 1, max: 5 }), rawBytes: fc.integer({ min: 20, max: 200 }) });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 80 }), bounds, (acts, some) => {
      const { cutter, blocks, time } = cutting(some);
      const given: { kind: string; raw: string; recv_ts?: number }[] = [];
      for (const one of acts) {
        if ('frame' in one) {
          const raw = Buffer.from(one.frame);
          const kind = one.isBinary ? 'binary' : 'text';
          given.push({ kind, raw: raw.toString('hex'), recv_ts: cutter.frame(kind, raw) });
        } else if ('marker' in one) {
          cutter.marker({ ...SUBSCRIBED, sid: given.length });
          given.push({ kind: 'marker', raw: String(given.length) });
        } else if ('cut' in one) cutter.cut('age');
        else {
          time.now = Math.max(time.now + one.step, 0);
          cutter.tick();
        }
      }
      cutter.cut('session_end');
      const entries = entriesOf(blocks);
      expect(
        entries.map((entry) =>
          entry.kind === 'marker'
            ? String(entry.marker.type === 'subscribed' && entry.marker.sid)
            : entry.raw.toString('hex'),
        ),
      ).toEqual(given.map(({ raw }) => raw));
      expect(entries.map(({ kind }) => kind)).toEqual(given.map(({ kind }) => kind));
      const frames = entries.filter((entry) => entry.kind !== 'marker');
      expect(frames.map(({ frame_no }) => frame_no)).toEqual(frames.map((_, index) => index + 1));
      expect(frames.map(({ recv_ts }) => recv_ts)).toEqual(given.flatMap(({ recv_ts }) => recv_ts ?? []));
      const markers = entries.filter((entry) => entry.kind === 'marker');
      expect(markers.map(({ marker_no }) => marker_no)).toEqual(markers.map((_, index) => index + 1));
      for (const [index, { recv_ts }] of entries.entries()) {
        if (index > 0) expect(recv_ts).toBeGreaterThan(entries[index - 1]!.recv_ts);
      }
      expect(new Set(blocks.map(({ header }) => header.block_id)).size).toBe(blocks.length);
    }),
    { numRuns: 300 },
  );
});
