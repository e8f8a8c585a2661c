import { fc, test as propertyTest } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { FrameReader } from '../../../ecs/session/frame-reader.ts';

const MAX_BYTES = 70_000;

function reader(maxMessageBytes = MAX_BYTES) {
  const seen: [what: string, bytes: string][] = [];
  const subject = new FrameReader({
    maxMessageBytes,
    onMessage: (bytes, start, end, isBinary) =>
      seen.push([isBinary ? 'binary' : 'text', bytes.subarray(start, end).toString('hex')]),
    onControl: (frame) => seen.push(['control', frame.toString('hex')]),
    onHandOver: (bytes) => seen.push(['handed over', bytes.toString('hex')]),
  });
  return { subject, seen };
}

/** A frame as a server sends it, RFC 6455, 5.2. */
function frame(first: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = first;
  head[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

const KINDS = { text: 0x81, binary: 0x82, ping: 0x89, pong: 0x8a } as const;

const lengths = fc.oneof(fc.nat({ max: 300 }), fc.constantFrom(0, 125, 126, 65_535, 65_536));
const messages = fc.record({ kind: fc.constantFrom('text', 'binary'), length: lengths });
const controls = fc.record({ kind: fc.constantFrom('ping', 'pong'), length: fc.nat({ max: 125 }) });

propertyTest.prop(
  [
    fc.array(fc.oneof({ weight: 3, arbitrary: messages }, { weight: 1, arbitrary: controls }), { maxLength: 12 }),
    fc.array(fc.nat({ max: 40_000 }), { minLength: 1, maxLength: 8 }),
    fc.constantFrom(0x88, 0x01, 0x02, 0x80, 0xc1, 0x83, 0x8b),
    fc.uint8Array({ maxLength: 40 }),
  ],
  { numRuns: 300 },
)(
  'however the bytes are cut, every message comes once and in order, and the rest is the library’s',
  (sent, cuts, odd, tail) => {
    const { subject, seen } = reader();
    const frames = sent.map(({ kind, length }, i) => ({
      kind: kind,
      bytes: frame(KINDS[kind], Buffer.alloc(length, i + 1)),
      payload: Buffer.alloc(length, i + 1),
    }));
    const rest = Buffer.concat([frame(odd, Buffer.from('x')), tail]);
    const stream = Buffer.concat([...frames.map(({ bytes }) => bytes), rest]);
    let handedOver = Buffer.alloc(0);
    for (let at = 0, i = 0; at < stream.length; i++) {
      const chunk = stream.subarray(at, at + cuts[i % cuts.length]! + 1);
      at += chunk.length;
      // What comes behind a hand-over goes to the library without us.
      if (seen.at(-1)?.[0] === 'handed over') handedOver = Buffer.concat([handedOver, chunk]);
      else subject.take(Buffer.from(chunk));
    }
    const [what, bytes] = seen.pop()!;
    expect(what).toBe('handed over');
    expect(bytes + handedOver.toString('hex')).toBe(rest.toString('hex'));
    expect(seen).toEqual(
      frames.map(({ kind, bytes, payload }) =>
        kind === 'text' || kind === 'binary' ? [kind, payload.toString('hex')] : ['control', bytes.toString('hex')],
      ),
    );
  },
);

describe('what is not ours is handed over, from its first byte', () => {
  const odd: readonly (readonly [string, Buffer])[] = [
    ['a close', frame(0x88, Buffer.from([0x03, 0xe8]))],
    ['the first part of a message', frame(0x01, Buffer.from('part'))],
    ['a compressed message', frame(0xc1, Buffer.from('zip'))],
    ['a masked message', Buffer.from([0x81, 0x84, 1, 2, 3, 4, 0x31, 0x32, 0x33, 0x34])],
    ['a ping too long for a control frame', Buffer.from([0x89, 126, 0, 200])],
    ['a message above the bound', frame(0x81, Buffer.alloc(MAX_BYTES + 1))],
    ['a length that no memory holds', Buffer.from([0x82, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255])],
  ];
  for (const [name, bytes] of odd) {
    test(name, () => {
      const { subject, seen } = reader();
      subject.take(Buffer.concat([frame(0x81, Buffer.from('before')), bytes]));
      expect(seen).toEqual([
        ['text', Buffer.from('before').toString('hex')],
        ['handed over', bytes.toString('hex')],
      ]);
    });
  }

  test('and bytes behind it are refused: they are not ours any more', () => {
    const { subject } = reader();
    subject.take(frame(0x88, Buffer.alloc(0)));
    expect(() => subject.take(Buffer.from([0x81, 0]))).toThrow(/not read/);
  });
});

test('a message that comes byte by byte is whole', () => {
  const { subject, seen } = reader();
  const bytes = frame(0x81, Buffer.alloc(300, 'a'));
  for (const byte of bytes) subject.take(Buffer.from([byte]));
  expect(seen).toEqual([['text', Buffer.alloc(300, 'a').toString('hex')]]);
});
