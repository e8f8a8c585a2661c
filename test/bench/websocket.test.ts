import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { acceptText, frameBytes, writeFrame } from '../../bench/streamer/websocket.ts';
import { encodePool, floodMarkets } from '../../bench/streamer/pool.ts';

describe('the frames of the flood', () => {
  it.each([0, 1, 125, 126, 257, 65_535, 65_536])(
    'carry a text of %i bytes behind a header of their own length',
    (length) => {
      const text = 'x'.repeat(length);
      const bytes = Buffer.alloc(frameBytes(length));
      expect(writeFrame(bytes, 0, text)).toBe(bytes.length);
      expect(bytes[0]).toBe(0x81);
      const [start, told] =
        bytes[1] === 126
          ? [4, bytes.readUInt16BE(2)]
          : bytes[1] === 127
            ? [10, Number(bytes.readBigUInt64BE(2))]
            : [2, bytes[1]];
      expect(told).toBe(length);
      expect(bytes.toString('latin1', start)).toBe(text);
    },
  );

  it('begin behind the handshake of RFC 6455, section 1.3', () => {
    expect(acceptText('dGhlIHNhbXBsZSBub25jZQ==')).toContain(
      'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
    );
  });
});

describe('the pool', () => {
  const { chunks, frames, bytes, sha256 } = encodePool(5_000);
  const wire = Buffer.concat([...chunks]);
  const messages = textsOf(wire);

  it('holds the confirmation, a snapshot of each market and the deltas', () => {
    expect(frames).toBe(1 + floodMarkets().length + 5_000);
    expect(messages).toHaveLength(frames);
  });

  it('counts seq from 1 without a hole', () => {
    const seqs = messages.slice(1).map((message) => Number(/"seq":(\d+),/.exec(message)?.[1]));
    expect(seqs).toEqual(seqs.map((_, i) => i + 1));
  });

  it('counts the bytes of the messages, not of their headers', () => {
    expect(bytes).toBe(messages.join('').length);
    expect(sha256).toBe(createHash('sha256').update(messages.join('')).digest('hex'));
  });
});

/** All frames are short: one or two bytes of length. */
function textsOf(wire: Buffer): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; at < wire.length;) {
    const short = wire[at + 1]! < 126;
    const start = at + (short ? 2 : 4);
    const length = short ? wire[at + 1]! : wire.readUInt16BE(at + 2);
    texts.push(wire.toString('latin1', start, start + length));
    at = start + length;
  }
  return texts;
}
