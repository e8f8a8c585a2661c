import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { emptyHeader, type Header, marketTickerOf, scanHeader } from '../../../core/kalshi/header.ts';
import { frameLikeText, jsonText } from '../../fixtures/kalshi/json-text.ts';
import { DELTA, DOCUMENTED, MARKET, SNAPSHOT, TICKER } from '../../fixtures/kalshi/messages.ts';
import { NOT_HERE, realFrames, recordedSessions } from '../../fixtures/kalshi/recorded.ts';
import { wholeSession } from '../../fixtures/kalshi/session.ts';

function scan(frame: string | Buffer): Header {
  const header = emptyHeader();
  scanHeader(typeof frame === 'string' ? Buffer.from(frame) : frame, header);
  return header;
}

/** What JSON.parse says of the same bytes; undefined where they are not JSON. */
function parsed(frame: Buffer): { type: string; sid: number; seq: number; ticker: string | undefined } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(frame.toString('utf8'));
  } catch {
    return undefined;
  }
  const object = (typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}) as Record<
    string,
    unknown
  >;
  const msg = object['msg'];
  const ticker =
    typeof msg === 'object' && msg !== null ? (msg as Record<string, unknown>)['market_ticker'] : undefined;
  const count = (n: unknown) => (Number.isSafeInteger(n) && (n as number) > 0 ? (n as number) : 0);
  return {
    type: typeof object['type'] === 'string' ? object['type'] : '',
    sid: count(object['sid']),
    seq: count(object['seq']),
    ticker: typeof ticker === 'string' ? ticker : undefined,
  };
}

function expectAgreement(frame: Buffer): void {
  const header = scan(frame);
  const ticker = marketTickerOf(frame, header);
  const expected = parsed(frame);
  if (expected === undefined) return;
  const { type, sid, seq } = header;
  expect({ type, sid, seq, ticker }).toEqual(expected);
}

describe('the header of a frame', () => {
  test('is that of the bytes now in the memory, which the next read overwrites and another read lies beside', () => {
    const memory = Buffer.alloc(4_096);
    const other = Buffer.from(TICKER.text);
    for (const at of [0, 3, 17]) {
      for (const text of [DELTA.text, TICKER.text]) {
        const end = at + memory.write(text, at);
        const header = emptyHeader();
        scanHeader(memory, header, at, end);
        const { type, sid, seq } = scan(text);
        expect(header).toMatchObject({ type, sid, seq });
        expect(scan(other)).toEqual(scan(TICKER.text));
      }
    }
  });

  test.each(DOCUMENTED.filter(({ flat }) => flat))('is read from the bytes of $name', ({ text }) => {
    for (const end of ['', '\n']) {
      const header = scan(text + end);
      expect(header.msgAt).toBe(text.indexOf('"msg":') + '"msg":'.length);
      expect(header.parsed).toBeUndefined();
      expectAgreement(Buffer.from(text + end));
    }
  });

  test.each(DOCUMENTED.filter(({ flat }) => !flat))('is parsed of $name', ({ text }) => {
    expect(scan(text).msgAt).toBe(-1);
    expect(scan(text).parsed).toEqual(JSON.parse(text));
    expectAgreement(Buffer.from(text));
  });

  test('is the same object for every frame and keeps nothing of the frame before', () => {
    const header = emptyHeader();
    scanHeader(Buffer.from(SNAPSHOT.text), header);
    scanHeader(Buffer.from(TICKER.text), header);
    expect(header).toMatchObject({ type: 'ticker', sid: 3, seq: 0 });
    scanHeader(Buffer.from('[1]'), header);
    expect(header).toEqual({ type: '', sid: 0, seq: 0, parsed: [1], msgAt: -1 });
    scanHeader(Buffer.from(SNAPSHOT.text), header);
    expect(header.parsed).toBeUndefined();
    scanHeader(Buffer.from('garbage'), header);
    expect(header).toEqual(emptyHeader());
  });

  test.each([
    ['a repeated type', '{"type":"trade","sid":1,"seq":2,"msg":{},"type":"ticker"}', 'ticker', 1, 2],
    ['a repeated seq behind msg', '{"type":"trade","sid":1,"seq":2,"msg":{},"seq":7}', 'trade', 1, 7],
    ['a repeated seq inside msg', '{"type":"trade","sid":1,"seq":2,"msg":{"seq":7}}', 'trade', 1, 2],
    ['an escaped key behind msg', '{"type":"trade","sid":1,"seq":2,"msg":{},"s\\u0065q":7}', 'trade', 1, 7],
    ['an escaped type', '{"type":"tr\\u0061de","sid":1,"seq":2,"msg":{}}', 'trade', 1, 2],
    ['a sid that is text', '{"type":"trade","sid":"1","seq":2,"msg":{}}', 'trade', 0, 2],
    ['a sid that is an object', '{"type":"trade","sid":{"sid":3},"seq":2,"msg":{}}', 'trade', 0, 2],
    ['numbers written as floats', '{"type":"trade","sid":1.0,"seq":2e1,"msg":{}}', 'trade', 1, 20],
    ['a negative seq', '{"type":"trade","sid":1,"seq":-2,"msg":{}}', 'trade', 1, 0],
    ['a seq that no number holds exactly', '{"type":"trade","sid":1,"seq":9007199254740993,"msg":{}}', 'trade', 1, 0],
    [
      'the largest exact seq',
      '{"type":"trade","sid":1,"seq":9007199254740991,"msg":{}}',
      'trade',
      1,
      9_007_199_254_740_991,
    ],
    ['a type that is null', '{"type":null,"sid":1,"msg":{}}', '', 1, 0],
    ['no object', 'null', '', 0, 0],
    ['nothing', '', '', 0, 0],
  ])('is that of JSON.parse for %s', (_, text, type, sid, seq) => {
    expect(scan(text)).toMatchObject({ type, sid, seq });
  });

  test('survives nesting as deep as a frame can hold', () => {
    const deep = `{"type":"trade","sid":1,"seq":2,"msg":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    expect(scan(deep)).toMatchObject({ type: 'trade', sid: 1, seq: 2 });
  });

  test.prop([jsonText], { numRuns: 3_000 })('agrees with JSON.parse on any JSON', (text) => {
    expect(() => void JSON.parse(text)).not.toThrow();
    expectAgreement(Buffer.from(text));
  });

  test.prop([frameLikeText], { numRuns: 3_000 })('agrees with JSON.parse on what looks like a frame', (text) => {
    expect(parsed(Buffer.from(text))).toBeDefined();
    expectAgreement(Buffer.from(text));
  });

  test('agrees with JSON.parse on a frame with any one byte replaced', () => {
    const frame = Buffer.from(DELTA.text);
    for (let at = 0; at < frame.length; at++) {
      const kept = frame[at]!;
      for (let byte = 0; byte < 256; byte++) {
        frame[at] = byte;
        const expected = parsed(frame);
        const { type, sid, seq } = scan(frame);
        if (expected === undefined) continue;
        if (type !== expected.type || sid !== expected.sid || seq !== expected.seq) expectAgreement(frame);
      }
      frame[at] = kept;
    }
  });

  test.prop([fc.constantFrom(...DOCUMENTED), fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.nat(2)), { maxLength: 4 })], {
    numRuns: 2_000,
  })('agrees with JSON.parse on frames with bytes replaced, taken away and added', ({ text }, edits) => {
    const bytes = [...Buffer.from(text)];
    for (const [at, byte, way] of edits)
      bytes.splice(at % (bytes.length + 1), way === 2 ? 0 : 1, ...(way === 0 ? [] : [byte]));
    expectAgreement(Buffer.from(bytes));
  });

  test.prop([fc.uint8Array({ maxLength: 200 })])('never throws, whatever the bytes', (bytes) => {
    const frame = Buffer.from(bytes);
    expect(() => marketTickerOf(frame, scan(frame))).not.toThrow();
  });

  test('is read from the bytes of every data frame of a session', () => {
    const data = wholeSession().filter((text) => /^\{"type":"(orderbook|trade|ticker|market)/.test(text));
    expect(data.length).toBeGreaterThan(100);
    for (const text of data) expect(scan(text).msgAt).toBeGreaterThan(0);
  });

  test('agrees with JSON.parse on recorded frames, and is read from the bytes of their data', ({ skip }) => {
    const raws = [...realFrames().map(({ raw }) => raw), ...recordedSessions().flatMap(({ frames }) => frames)];
    if (raws.length === 0) skip(NOT_HERE);
    for (const raw of raws) {
      expectAgreement(Buffer.from(`${raw}\n`));
      const isData = /^\{"type":"(orderbook_|trade|ticker)/.test(raw) && !raw.includes('_rx_ms');
      if (isData) expect(scan(raw).msgAt).toBeGreaterThan(0);
    }
  });
});

describe('the market of a frame', () => {
  const tickerOf = (text: string): string | undefined => marketTickerOf(Buffer.from(text), scan(text));

  test.each([
    ['first in msg', SNAPSHOT.text, MARKET],
    ['later in msg', TICKER.text, MARKET],
    ['escaped', '{"type":"trade","sid":1,"msg":{"market_ticker":"A\\u0042"}}', 'AB'],
    ['under an escaped key', '{"type":"trade","sid":1,"msg":{"market\\u005fticker":"AB"}}', 'AB'],
    ['repeated, the last counts', '{"type":"trade","sid":1,"msg":{"market_ticker":"A","market_ticker":"B"}}', 'B'],
    [
      'repeated by an escaped key',
      '{"type":"trade","sid":1,"msg":{"market_ticker":"A","market\\u005fticker":"B"}}',
      'B',
    ],
    ['named by a value too', '{"type":"trade","sid":1,"msg":{"market_ticker":"A","x":"market_ticker"}}', 'A'],
    ['not ASCII', '{"type":"trade","sid":1,"msg":{"market_ticker":"Ä"}}', 'Ä'],
    ['no text', '{"type":"trade","sid":1,"msg":{"market_ticker":7}}', undefined],
    ['absent', '{"type":"trade","sid":1,"msg":{}}', undefined],
    ['in a frame without msg', '{"type":"trade","sid":1}', undefined],
    ['in a frame whose msg is null', '{"type":"trade","sid":1,"msg":null}', undefined],
    ['in a frame that is cut off', '{"type":"trade","sid":1,"msg":{"market_ticker":"A}}', undefined],
    ['in no frame', 'null', undefined],
  ])('is found where it is %s', (_, text, ticker) => {
    expect(tickerOf(text)).toBe(ticker);
  });
});
