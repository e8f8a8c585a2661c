import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { decode, isType } from '../../../core/kalshi/decode.ts';
import { KNOWN_MSG_FIELDS, MESSAGE_SCHEMAS } from '../../../core/kalshi/messages.ts';
import { jsonText } from '../../fixtures/kalshi/json-text.ts';
import {
  CREATED,
  DELTA,
  DETERMINED,
  DOCUMENTED,
  EVENT_FEE,
  SNAPSHOT,
  SUBSCRIBED,
  TICKER,
  TRADE,
  withMsg,
} from '../../fixtures/kalshi/messages.ts';
import { NOT_HERE, realFrames, recordedSessions } from '../../fixtures/kalshi/recorded.ts';
import { wholeSession } from '../../fixtures/kalshi/session.ts';

describe('decoding', () => {
  test.each(DOCUMENTED)('reads $name without drift, keeping every field', ({ text, type }) => {
    const decoded = decode(`${text}\n`);
    expect(decoded).toEqual({ kind: 'message', message: JSON.parse(text), drift: [] });
    expect(decoded.kind === 'message' && isType(decoded.message, type)).toBe(true);
  });

  test('has a documented example of every type that it knows', () => {
    const shown = new Set<string>(DOCUMENTED.map(({ type }) => type));
    const alike = { cfbenchmarks_value_5hz: 'cfbenchmarks_value' } as Record<string, string>;
    for (const type of Object.keys(MESSAGE_SCHEMAS)) expect(shown).toContain(alike[type] ?? type);
  });

  test('reads every frame of a whole session', () => {
    for (const frame of wholeSession()) expect(decode(frame)).toMatchObject({ kind: 'message', drift: [] });
  });

  test('reads a sequence channel that has no seq, except for books', () => {
    const without = ({ text }: { text: string }) => text.replace(/"seq":\d+,/, '');
    for (const message of [TRADE, DETERMINED, EVENT_FEE]) expect(decode(without(message)).kind).toBe('message');
    for (const message of [SNAPSHOT, DELTA]) {
      expect(decode(without(message))).toMatchObject({ kind: 'invalid', reason: expect.stringContaining('seq') });
    }
  });
});

describe('what the exchange added since', () => {
  test('a type that we do not know is kept by name and counted', () => {
    expect(decode('{"type":"ticker_v3","sid":1,"msg":{"a":1}}')).toEqual({
      kind: 'unknown_type',
      type: 'ticker_v3',
      drift: ['type:ticker_v3'],
    });
  });

  test.each(['toString', '__proto__', 'constructor', ''])('a type named %j is not known either', (type) => {
    expect(decode(JSON.stringify({ type, sid: 1 }))).toMatchObject({ kind: 'unknown_type', type });
  });

  test('a field that we do not know is kept and counted, wherever it stands', () => {
    const frame = { ...(JSON.parse(withMsg(TRADE, { fee: '0.01' })) as object), shard: 3 };
    const decoded = decode(JSON.stringify(frame));
    expect(decoded).toMatchObject({ kind: 'message', message: frame });
    expect(decoded.kind === 'message' && decoded.drift).toEqual(['field:shard', 'field:msg.fee']);
  });

  test('an event type that we do not know is counted', () => {
    const decoded = decode(withMsg(DETERMINED, { event_type: 'fractional_trading_updated' }));
    expect(decoded).toMatchObject({ kind: 'message', drift: ['event_type:fractional_trading_updated'] });
  });

  test('a structure of ticks that we do not know is no drift', () => {
    expect(decode(withMsg(CREATED, { price_level_structure: 'a_new_one' }))).toMatchObject({
      kind: 'message',
      drift: [],
    });
  });

  test('a field named __proto__ changes nothing of what we read', () => {
    const decoded = decode(SNAPSHOT.text.replace('"msg":{', '"msg":{"__proto__":{"yes_dollars_fp":[],"x":1},'));
    expect(decoded).toMatchObject({
      kind: 'message',
      message: JSON.parse(SNAPSHOT.text),
      drift: ['field:msg.__proto__'],
    });
  });

  test('is named a few times in few characters, however much it is', () => {
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`f${i}`, i]));
    const decoded = decode(withMsg(TICKER, { ['x'.repeat(10_000)]: 1, ...many }));
    const long = decode(JSON.stringify({ type: 'y'.repeat(10_000) }));
    for (const read of [decoded, long]) {
      const drift = 'drift' in read ? read.drift : [];
      expect(drift.length).toBeGreaterThan(0);
      expect(drift.length).toBeLessThanOrEqual(8);
      for (const entry of drift) expect(entry.length).toBeLessThanOrEqual(100);
    }
  });

  test('is noticed on every type with fields of its own', () => {
    for (const { type, text } of DOCUMENTED.filter((message) => KNOWN_MSG_FIELDS[message.type] !== undefined)) {
      expect(decode(withMsg({ type, text, name: '', flat: false }, { added: 1 }))).toMatchObject({
        kind: 'message',
        drift: ['field:msg.added'],
      });
    }
  });
});

describe('a frame that is not what the exchange documents', () => {
  test.each([
    ['price_dollars', withMsg(DELTA, { price_dollars: 0.5 })],
    ['delta_fp', withMsg(DELTA, { delta_fp: undefined })],
    ['side', withMsg(DELTA, { side: 'maybe' })],
    ['ts_ms', withMsg(DELTA, { ts_ms: 1.5 })],
    ['yes_dollars_fp.1', withMsg(SNAPSHOT, { yes_dollars_fp: [['0.01', '1.00'], ['0.02']] })],
    ['count_fp', withMsg(TRADE, { count_fp: 15 })],
    ['volume_fp', withMsg(TICKER, { volume_fp: null })],
    ['settlement_value', withMsg(DETERMINED, { settlement_value: 100 })],
    ['sid', DELTA.text.replace('"sid":1', '"sid":"1"')],
    ['msg.sid', withMsg(SUBSCRIBED, { sid: -1 })],
    ['msg', '{"type":"trade","sid":1,"seq":1}'],
    ['msg', '{"type":"error","msg":null}'],
  ])('is invalid and says that it is %s', (path, text) => {
    const decoded = decode(text);
    expect(decoded).toMatchObject({ kind: 'invalid', type: (JSON.parse(text) as { type: string }).type });
    expect(decoded.kind === 'invalid' && decoded.reason).toContain(`${path}:`);
  });

  test.each(['{}', '{"type":7}', '{"type":null,"sid":1}', '{"msg":{"type":"trade"}}'])(
    'without a type, %s, is invalid',
    (text) => {
      expect(decode(text)).toMatchObject({ kind: 'invalid', type: '' });
    },
  );

  test.each([
    '',
    '{',
    'null',
    '[]',
    '[{"type":"trade"}]',
    '"trade"',
    '7',
    '{"type":"trade"}}',
    "{'type':'trade'}",
    '\ufeff{}',
  ])('is not JSON of a frame where it is %j', (text) => {
    expect(decode(text).kind).toBe('not_json');
  });

  test('says why in few characters, however much is wrong', () => {
    const decoded = decode(withMsg(SNAPSHOT, { yes_dollars_fp: Array.from({ length: 5_000 }, () => [1, 2]) }));
    expect(decoded.kind).toBe('invalid');
    expect(decoded.kind === 'invalid' && decoded.reason.length).toBeLessThanOrEqual(300);
  });
});

describe('decoding never throws', () => {
  const KINDS = ['message', 'unknown_type', 'invalid', 'not_json'];
  const type = fc.constantFrom(...Object.keys(MESSAGE_SCHEMAS));

  test.prop([fc.oneof(fc.string({ unit: 'binary' }), jsonText)])('on any text', (text) => {
    expect(KINDS).toContain(decode(text).kind);
  });

  test.prop([type, fc.anything(), fc.anything(), fc.anything()])(
    'on anything under our names',
    (name, sid, seq, msg) => {
      expect(KINDS).toContain(decode(textOf({ type: name, sid, seq, msg })).kind);
    },
  );

  const values = fc.dictionary(
    fc.constantFrom(...new Set(Object.values(KNOWN_MSG_FIELDS).flatMap((fields) => [...fields])), '__proto__', 'x'),
    fc.oneof(fc.anything(), fc.string(), fc.integer(), fc.constantFrom('yes', '0.5000', null, true)),
  );

  test.prop([type, values])('on our fields with any values', (name, msg) => {
    expect(KINDS).toContain(decode(textOf({ type: name, sid: 1, seq: 1, msg })).kind);
  });

  test.prop([fc.constantFrom(...DOCUMENTED), fc.nat(), fc.nat(255)])(
    'on frames with a byte replaced',
    ({ text }, at, byte) => {
      const bytes = Buffer.from(text);
      bytes[at % bytes.length] = byte;
      expect(KINDS).toContain(decode(bytes.toString('utf8')).kind);
    },
  );

  test('on a frame cut off anywhere', () => {
    for (let end = 0; end < CREATED.text.length; end++)
      expect(decode(CREATED.text.slice(0, end)).kind).toBe('not_json');
  });
});

describe('recorded frames', () => {
  test('of the real exchange are messages without drift', ({ skip }) => {
    const frames = realFrames();
    if (frames.length === 0) skip(NOT_HERE);
    for (const { raw, note } of frames) {
      // Two authors changed their captures, and say so: one added a receive time.
      const ours = note.includes('_rx_ms') && raw.includes('"_rx_ms"') ? ['field:_rx_ms'] : [];
      expect(decode(raw), raw).toMatchObject({ kind: 'message', drift: ours });
    }
  });

  test('of whole sessions are messages without drift', ({ skip }) => {
    const sessions = recordedSessions();
    if (sessions.length === 0) skip(NOT_HERE);
    for (const { frames } of sessions) {
      const odd = frames
        .map((frame) => decode(frame))
        .filter((decoded) => decoded.kind !== 'message' || decoded.drift.length > 0);
      expect(odd).toEqual([]);
    }
  });
});

/** JSON of anything; '' where it has none. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? String(item) : item));
  } catch {
    return '';
  }
}
