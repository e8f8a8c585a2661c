import { PassThrough, Readable, Writable } from 'node:stream';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { receiveBody, receiveBuffer } from '../../../local/clickhouse/body.ts';

const ROWS = Buffer.from(Array.from({ length: 20_000 }, (_, row) => `{"a":${(row * 7_919) % 10_007}}\n`).join(''));
const ENCODINGS = { gzip: gzipSync, br: brotliCompressSync, deflate: deflateSync, zstd: zstdCompressSync } as const;
const cases = Object.entries(ENCODINGS).map(([encoding, compress]) => [encoding, compress(ROWS)] as const);

const inChunks = (bytes: Buffer, size = 10_000): Readable =>
  Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, part) => bytes.subarray(part * size, (part + 1) * size)),
  );

describe('receiveBody', () => {
  it.each(cases)('reads %s', async (encoding, packed) => {
    expect((await receiveBuffer(inChunks(packed), encoding)).equals(ROWS)).toBe(true);
  });

  it('reads a plain and an empty body', async () => {
    expect((await receiveBuffer(inChunks(ROWS), undefined)).equals(ROWS)).toBe(true);
    expect((await receiveBuffer(Readable.from([]), undefined)).length).toBe(0);
  });

  it.each(cases)('refuses %s that was cut short at any place', async (encoding, packed) => {
    for (const end of [0, 1, packed.length >> 1, packed.length - 8, packed.length - 1]) {
      await expect(receiveBuffer(inChunks(packed.subarray(0, end)), encoding)).rejects.toMatchObject({ code: 354 });
    }
  });

  it.each(cases.filter(([encoding]) => encoding !== 'gzip'))(
    'refuses %s that goes on behind its end, which Node ignores',
    async (encoding, packed) => {
      await expect(receiveBuffer(inChunks(Buffer.concat([packed, packed])), encoding)).rejects.toMatchObject({
        code: 354,
      });
    },
  );

  it('reads all members of a gzip body, as its standard says', async () => {
    const packed = gzipSync(ROWS);
    expect((await receiveBuffer(inChunks(Buffer.concat([packed, packed])), 'gzip')).length).toBe(2 * ROWS.length);
  });

  it('refuses a body whose client went away', async () => {
    const request = new PassThrough();
    request.on('error', () => undefined);
    const received = receiveBuffer(request, undefined);
    request.write('{"a":1}\n');
    request.destroy(new Error('aborted'));
    await expect(received).rejects.toMatchObject({ code: 3 });
  });

  it('refuses what unpacks to more than its bound and can still be answered', async () => {
    const request = inChunks(gzipSync(Buffer.alloc(1_000_000)));
    const sink = new Writable({ write: (_, __, done) => done() });
    await expect(receiveBody(request, 'gzip', 999_999, () => sink)).rejects.toMatchObject({ code: 307, status: 413 });
    expect(request.errored).toBeNull();
  });

  it('opens no sink for an encoding it does not know', async () => {
    const open = (): never => {
      throw new Error('opened');
    };
    await expect(receiveBody(Readable.from([]), 'snappy', 1, open)).rejects.toMatchObject({ code: 48, status: 501 });
  });
});
