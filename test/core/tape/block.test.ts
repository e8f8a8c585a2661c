import { crc32, zstdCompressSync } from 'node:zlib';
import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { BLOCK_MAX_ENTRIES, BLOCK_MAX_RAW_BYTES } from '../../../core/contract/limits.ts';
import {
  type BlockHeader,
  COLUMN_MAX_BYTES,
  CUT_REASONS,
  decodeBlock,
  encodeRecord,
} from '../../../core/tape/block.ts';
import { marker } from '../../../core/tape/marker.ts';
import {
  ALL_MARKERS,
  blockOf,
  encodeOne,
  frame,
  IDENTITY,
  inputOf,
  MARKERS,
  markerInput,
  read,
  SESSION_ID,
  T0,
} from './build-block.ts';

const rawBytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ unit: 'grapheme', maxLength: 60 }).map((text) => Buffer.from(text)),
  fc.constantFrom(Buffer.alloc(0), Buffer.from('ff', 'hex'), Buffer.alloc(70_000, '{"a":1}'), Buffer.from('KTB\x01')),
);
const markerOf = fc.constantFrom(...ALL_MARKERS).map((value) => Buffer.from(JSON.stringify(marker.parse(value))));
const entry = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constant('text' as const), rawBytes) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('binary' as const), rawBytes) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('marker' as const), markerOf) },
);
const wait = fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.constantFrom(1, 127, 128, 86_400_000_000));

/** Entries with rising instants. */
const inputs = fc.array(fc.tuple(entry, wait), { maxLength: 60 }).map((items) => {
  let recv_ts = T0;
  return items.map(([[kind, raw], us]) => ({ kind, raw, recv_ts: (recv_ts += us) }));
});

/** A record made by hand: any header, any body, a checksum that is right. */
function record(header: unknown, packed: Buffer, prefix = 'KTB\x01', headerBytes?: number): Buffer {
  const head = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const out = Buffer.concat([Buffer.alloc(16), head, packed]);
  out.write(prefix, 0, 'latin1');
  out.writeUInt32BE(headerBytes ?? head.length, 4);
  out.writeUInt32BE(packed.length, 8);
  out.writeUInt32BE(crc32(out.subarray(16), crc32(out.subarray(0, 12))), 12);
  return out;
}

const bodyOf = (...hex: readonly string[]): Buffer => Buffer.from(hex.join(''), 'hex');
const SMALL = [frame('{"a":1}', T0), markerInput(MARKERS.subscribed, T0 + 1), frame('', T0 + 2)];

/** A block of one frame `ab`, and its body: the bytes, its length × 4, its distance from the first instant. */
const ONE: BlockHeader = {
  block_id: `${SESSION_ID}:7-7`,
  recorder_id: 'recorder-1',
  session_id: SESSION_ID,
  first_frame_no: 7,
  last_frame_no: 7,
  count: 1,
  first_marker_no: 3,
  markers: 0,
  first_recv_ts: T0,
  last_recv_ts: T0,
  raw_bytes: 2,
  body_bytes: 4,
  cut_reason: 'rows',
  cut_ts: T0,
};
const ONE_BODY = bodyOf('6162', '08', '00');

describe('a block', () => {
  test.prop([inputs])('brings every entry back, byte for byte, in order, with its instant', (entries) => {
    const block = blockOf(entries);
    expect(block.entries.map(inputOf)).toEqual(entries);
    const isFrame = ({ kind }: { kind: string }) => kind !== 'marker';
    expect(block.header).toMatchObject({
      count: entries.filter(isFrame).length,
      markers: entries.length - entries.filter(isFrame).length,
      raw_bytes: entries.reduce((sum, { raw }) => sum + raw.length, 0),
      last_frame_no: IDENTITY.first_frame_no + entries.filter(isFrame).length - 1,
    });
  });

  test.prop([inputs])(
    'numbers frames and markers on without a hole, and says behind which frame a marker stands',
    (entries) => {
      let frame_no = IDENTITY.first_frame_no;
      let marker_no = IDENTITY.first_marker_no;
      for (const read of blockOf(entries).entries) {
        if (read.kind === 'marker') expect([read.marker_no, read.after_frame_no]).toEqual([marker_no++, frame_no - 1]);
        else expect(read.frame_no).toBe(frame_no++);
      }
    },
  );

  test.prop([inputs])('has the same header outside and inside, and the same bytes every time', (entries) => {
    const encoded = encodeOne(entries);
    expect(read(encoded.record).header).toEqual(encoded.header);
    expect(encodeOne(entries).record.equals(encoded.record)).toBe(true);
  });

  test('is laid out as the decision record says', () => {
    const bytes = encodeOne([frame('ab')]).record;
    const headerBytes = bytes.readUInt32BE(4);
    expect(bytes.toString('latin1', 0, 4)).toBe('KTB\x01');
    expect(bytes.length).toBe(16 + headerBytes + bytes.readUInt32BE(8));
    const { last_recv_ts, ...rest } = JSON.parse(bytes.toString('utf8', 16, 16 + headerBytes)) as BlockHeader;
    expect({ ...rest, last_recv_ts }).toEqual({ ...ONE, cut_ts: IDENTITY.cut_ts });
    expect(blockOf([frame('ab')]).entries).toEqual(read(record(ONE, zstdCompressSync(ONE_BODY))).entries);
  });

  test('is named by session and frames, and by its first marker where it holds markers', () => {
    expect(encodeOne([frame('a'), frame('b')]).header.block_id).toBe(`${SESSION_ID}:7-8`);
    expect(encodeOne(SMALL).header.block_id).toBe(`${SESSION_ID}:7-8+m3`);
  });

  test('may hold markers only, and two of them in one place have two names', () => {
    const only = [markerInput(MARKERS.gap_opened), markerInput(MARKERS.gap_closed)];
    const first = encodeOne(only);
    const second = encodeOne(only, { ...IDENTITY, first_marker_no: 5 });
    expect(read(first.record).header).toMatchObject({ count: 0, markers: 2, first_frame_no: 7, last_frame_no: 6 });
    expect([first.header.block_id, second.header.block_id]).toEqual([`${SESSION_ID}:7-6+m3`, `${SESSION_ID}:7-6+m5`]);
    expect(read(second.record).entries[1]).toMatchObject({
      marker_no: 6,
      after_frame_no: 6,
      marker: MARKERS.gap_closed,
    });
  });

  test('carries markers of every type and every reason to cut', () => {
    expect(
      blockOf(ALL_MARKERS.map((value) => markerInput(value))).entries.map((e) => 'marker' in e && e.marker),
    ).toEqual(ALL_MARKERS);
    for (const cut_reason of CUT_REASONS) {
      expect(blockOf([frame('a')], { ...IDENTITY, cut_reason }).header.cut_reason).toBe(cut_reason);
    }
  });
});

describe('a record that is damaged', () => {
  test('by any one bit is refused', () => {
    const bytes = encodeOne(SMALL).record;
    expect(decodeBlock(bytes).ok).toBe(true);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      if (decodeBlock(bytes).ok) expect.fail(`bit ${bit} turned and nobody saw it`);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
    }
    expect(decodeBlock(bytes).ok).toBe(true);
  });

  test('by its end missing, at any length, or by bytes behind it is refused', () => {
    const bytes = encodeOne(SMALL).record;
    for (let end = 0; end < bytes.length; end++) {
      if (decodeBlock(bytes.subarray(0, end)).ok) expect.fail(`${end} of ${bytes.length} bytes were taken for a block`);
    }
    expect(decodeBlock(Buffer.concat([bytes, Buffer.alloc(1)]))).toEqual({ ok: false, fault: 'truncated' });
  });

  test.prop([fc.uint8Array({ maxLength: 300 })])('beyond recognition is refused without throwing', (bytes) => {
    const behind = (magic: string) => decodeBlock(Buffer.concat([Buffer.from(magic, 'latin1'), bytes]));
    expect(behind('')).toEqual({ ok: false, fault: 'not_a_block' });
    expect(behind('KTB\x01').ok).toBe(false);
  });

  test.prop([fc.anything(), fc.uint8Array({ maxLength: 60 })])(
    'in its header, with a right checksum, is refused without throwing',
    (header, body) => {
      const text = JSON.stringify(header, (_, value: unknown) => (typeof value === 'bigint' ? 0 : value)) as
        string | undefined;
      expect(decodeBlock(record(text ?? '', Buffer.from(body))).ok).toBe(false);
    },
  );
});

describe('a record that is no block of ours', () => {
  const ok = record(ONE, zstdCompressSync(ONE_BODY));
  const refused = (header: Partial<BlockHeader>, body = ONE_BODY) => {
    const decoded = decodeBlock(record({ ...ONE, ...header }, zstdCompressSync(body)));
    return decoded.ok ? 'taken' : decoded.fault;
  };

  test('is told apart from one that is', () => {
    expect(decodeBlock(ok).ok).toBe(true);
    expect(refused({})).toBe('taken');
  });

  test('names its fault by version, magic and header', () => {
    const fault = (bytes: Buffer) => decodeBlock(bytes);
    expect(fault(record(ONE, zstdCompressSync(ONE_BODY), 'KTB\x02'))).toEqual({ ok: false, fault: 'unknown_version' });
    expect(fault(record(ONE, zstdCompressSync(ONE_BODY), 'KTC\x01'))).toEqual({ ok: false, fault: 'not_a_block' });
    expect(fault(record('{', zstdCompressSync(ONE_BODY)))).toEqual({ ok: false, fault: 'bad_header' });
    expect(fault(record({ ...ONE, recorder_id: 'x'.repeat(5_000) }, zstdCompressSync(ONE_BODY)))).toEqual({
      ok: false,
      fault: 'bad_header',
    });
    expect(fault(record(ONE, zstdCompressSync(ONE_BODY), 'KTB\x01', 0xffff_ffff))).toEqual({
      ok: false,
      fault: 'bad_header',
    });
    expect(fault(record(ONE, Buffer.from('not zstd')))).toEqual({ ok: false, fault: 'size_mismatch' });
    const wrongSum = Buffer.from(ok);
    wrongSum.writeUInt32BE(0, 12);
    expect(fault(wrongSum)).toEqual({ ok: false, fault: 'checksum' });
  });

  test('may carry header fields that a later version adds', () => {
    const decoded = decodeBlock(record({ ...ONE, zone: 'b' }, zstdCompressSync(ONE_BODY)));
    expect(decoded.ok && decoded.block.header).toEqual(ONE);
  });

  test('is refused where its header contradicts itself', () => {
    expect(refused({ last_frame_no: 8 })).toBe('bad_header');
    expect(refused({ count: 2 })).toBe('bad_header');
    expect(refused({ block_id: `${SESSION_ID}:7-8` })).toBe('bad_header');
    expect(refused({ session_id: 'another' })).toBe('bad_header');
    expect(refused({ first_frame_no: 0, last_frame_no: 0 })).toBe('bad_header');
    expect(refused({ count: -1 })).toBe('bad_header');
    expect(refused({ cut_reason: 'whim' as never })).toBe('bad_header');
    expect(refused({ first_recv_ts: T0 + 0.5 })).toBe('bad_header');
    const many = BLOCK_MAX_ENTRIES + 1;
    expect(refused({ count: many, last_frame_no: 6 + many, block_id: `${SESSION_ID}:7-${6 + many}` })).toBe(
      'bad_header',
    );
  });

  test('is refused where its body is not what its header says', () => {
    expect(refused({ markers: 1, block_id: `${SESSION_ID}:7-7+m3` })).toBe('bad_body');
    expect(refused({ last_recv_ts: T0 + 1 })).toBe('bad_body');
    expect(refused({ raw_bytes: 1 })).toBe('bad_body');
    expect(refused({}, bodyOf('6162', '04', '00'))).toBe('bad_body');
    expect(refused({}, bodyOf('6162', '0c', '00'))).toBe('bad_body');
    expect(refused({}, bodyOf('6162', '0b', '00'))).toBe('bad_body');
    expect(refused({}, bodyOf('6162', '80', '80'))).toBe('bad_body');
    expect(refused({ body_bytes: 5 }, bodyOf('6162', '08', '00', '00'))).toBe('bad_body');
  });

  test('is refused where a marker is none of ours', () => {
    const named = { count: 0, markers: 1, last_frame_no: 6, block_id: `${SESSION_ID}:7-6+m3` };
    const marked = (text: string) => {
      const raw = Buffer.from(text);
      const body = Buffer.concat([raw, Buffer.from([raw.length * 4 + 2, 0])]);
      return refused({ ...named, raw_bytes: raw.length, body_bytes: body.length }, body);
    };
    expect(marked('{')).toBe('bad_marker');
    expect(marked('{"type":"gone"}')).toBe('bad_marker');
    expect(marked('{"type":"subscribed","sid":1}')).toBe('bad_marker');
    expect(refused(named, bodyOf('6162', '08', '00'))).toBe('bad_body');
  });
});

describe('a record that unpacks to more than it should', () => {
  test('is refused where it declares more than a block may hold', () => {
    const over = (header: Partial<BlockHeader>) =>
      decodeBlock(record({ ...ONE, ...header }, zstdCompressSync(ONE_BODY)));
    expect(over({ raw_bytes: BLOCK_MAX_RAW_BYTES + 1 })).toEqual({ ok: false, fault: 'bad_header' });
    const body_bytes = BLOCK_MAX_RAW_BYTES + BLOCK_MAX_ENTRIES * COLUMN_MAX_BYTES + 1;
    expect(over({ body_bytes })).toEqual({ ok: false, fault: 'bad_header' });
  });

  test('is refused where it is one byte longer or shorter than declared', () => {
    for (const body of [bodyOf('6162', '08', '00', '00'), bodyOf('6162', '08')]) {
      expect(decodeBlock(record(ONE, zstdCompressSync(body)))).toEqual({ ok: false, fault: 'size_mismatch' });
    }
  });

  test('is refused without unpacking it: two gigabytes cost no memory', () => {
    const zeros = zstdCompressSync(Buffer.alloc(64 * 1_048_576));
    const bomb = record(ONE, Buffer.concat(Array.from({ length: 32 }, () => zeros)));
    const before_kb = process.resourceUsage().maxRSS;
    expect(decodeBlock(bomb)).toEqual({ ok: false, fault: 'size_mismatch' });
    expect(process.resourceUsage().maxRSS - before_kb).toBeLessThan(100_000);
  });
});

describe('the encoder', () => {
  test('is read by the decoder at every level of zstd', () => {
    for (const level of [-5, 1, 3, 8, 19, 22]) {
      expect(decodeBlock(encodeRecord(ONE, ONE_BODY, level)).ok).toBe(true);
    }
  });
});
