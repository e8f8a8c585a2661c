import { describe, expect, test } from 'vitest';
import { Cutter } from '../../../ecs/publish/cutter.ts';
import { Recording } from '../../../ecs/session/recording.ts';
import type { SessionInput } from '../../../ecs/session/state.ts';

function recording() {
  let now = 1_000;
  const told: SessionInput[] = [];
  const ports = { now: () => (now += 10), onBlock: () => undefined, onOversize: () => undefined };
  const cutter = new Cutter({ recorder_id: 'r', session_id: 's' }, { rows: 1e5, rawBytes: 1e6, age_us: 1e9 }, ports);
  const subject = new Recording('s', cutter, (input) => told.push(input));
  const take = (frame: object): number => {
    subject.take(Buffer.from(`${JSON.stringify(frame)}\n`), false);
    return cutter.lastTs;
  };
  return { told, subject, take, ofType: (type: string) => told.filter((input) => input.type === type) };
}

const SUBSCRIBED = (channel: string, sid: number) => ({ type: 'subscribed', id: sid, msg: { channel, sid } });
const DELTA = (seq: number, sid = 1) => ({ type: 'orderbook_delta', sid, seq, msg: { market_ticker: 'A' } });
const SNAPSHOT = (seq: number, market_ticker: string, sid = 1) => ({
  type: 'orderbook_snapshot',
  sid,
  seq,
  msg: { market_ticker },
});

describe('a hole in the sequence', () => {
  test('is told with when the last frame of that subscription came, whatever came of others since', () => {
    const { take, ofType } = recording();
    take(SUBSCRIBED('orderbook_delta', 1));
    const last = take(DELTA(1));
    take({ type: 'trade', sid: 2, seq: 1, msg: {} });
    take(DELTA(3));
    expect(ofType('break')).toMatchObject([
      { channel: 'orderbook_delta', before_ts: last, sequence: { kind: 'gap', sid: 1, expected: 2, got: 3 } },
    ]);
  });

  test('at the first frame of a subscription reaches back to its confirmation', () => {
    const { take, ofType } = recording();
    const confirmed = take(SUBSCRIBED('trade', 4));
    take({ type: 'trade', sid: 4, seq: 2, msg: {} });
    expect(ofType('break')).toMatchObject([{ channel: 'trade', before_ts: confirmed }]);
  });

  test('found by a reply, or by a type that nobody knows, is one of the channel of its sid', () => {
    const { take, ofType } = recording();
    take(SUBSCRIBED('orderbook_delta', 1));
    take({ type: 'ok', id: 3, sid: 1, seq: 2, msg: {} });
    take({ type: 'from_the_future', sid: 1, seq: 4, msg: {} });
    expect(ofType('break')).toMatchObject([{ channel: 'orderbook_delta' }, { channel: 'orderbook_delta' }]);
  });
});

test('an event on a subscription to the other lifecycle channel is that channel’s', () => {
  const { take, ofType } = recording();
  take(SUBSCRIBED('multivariate_market_lifecycle', 1));
  take({ type: 'event_lifecycle', sid: 1, seq: 1, msg: { event_ticker: 'E' } });
  expect(ofType('data')).toMatchObject([{ channel: 'multivariate_market_lifecycle', sid: 1 }]);
});

test('snapshots are gathered per subscription and told before any reply', () => {
  const { take, subject, told, ofType } = recording();
  take(SNAPSHOT(1, 'A'));
  const last = take(SNAPSHOT(2, 'B'));
  take(SNAPSHOT(1, 'A', 3));
  expect(ofType('snapshots')).toMatchObject([{ sid: 1, markets: ['A', 'B'], last_ts: last }]);
  take({ type: 'unsubscribed', id: 9, sid: 1, seq: 3 });
  expect(told.slice(-2)).toMatchObject([{ type: 'snapshots', sid: 3 }, { type: 'reply' }]);
  subject.tellFresh();
  expect(ofType('snapshots')).toHaveLength(2);
});

test('an error is told with until when each subscription is whole, itself not counted', () => {
  const { take, ofType } = recording();
  take(SUBSCRIBED('orderbook_delta', 1));
  const whole = take(DELTA(1));
  let seen: number | undefined;
  take({ type: 'ticker', sid: 2, msg: {} });
  const spy = ofType('reply').length;
  take({ type: 'error', sid: 1, seq: 2, msg: { code: 25, msg: '' } });
  const told = ofType('reply')[spy];
  if (told?.type === 'reply') seen = told.whole.get(1);
  expect(seen).toBeGreaterThanOrEqual(whole);
});

test('a frame that is no JSON, or nothing at all, is recorded like any other and says nothing', () => {
  const { subject, told } = recording();
  subject.take(Buffer.from('{"type":'), false);
  subject.take(Buffer.alloc(0), true);
  expect(subject.cutter.frames).toBe(2);
  expect(told).toEqual([]);
});

test('a ping is heard, but it is neither a frame nor data', () => {
  const { subject, take } = recording();
  expect(subject.heard(77)).toEqual({ inbound_ts: 77, frame_ts: 0, data_ts: 0 });
  const data_ts = take(DELTA(1));
  const frame_ts = take({ type: 'ok', id: 1, msg: [] });
  expect(subject.heard(77)).toEqual({ inbound_ts: frame_ts, frame_ts, data_ts });
});

test('the newest frame that may carry the exchange’s time is kept, and a snapshot is none', () => {
  const { subject, take } = recording();
  take(DELTA(1));
  take(SNAPSHOT(2, 'A'));
  expect(subject.lastData?.raw!.toString()).toContain('orderbook_delta');
});

test('the newest data frame stays as it was when the memory it was read into is read into again', () => {
  const { subject } = recording();
  const memory = Buffer.alloc(200);
  const read = (frame: object, from: number): void => {
    const length = memory.write(JSON.stringify(frame), from);
    subject.take(memory, false, from, from + length);
    subject.keepNewest();
    memory.fill(0);
  };
  read(DELTA(1), 3);
  expect(JSON.parse(subject.lastData!.raw.toString())).toEqual(DELTA(1));
  read(SNAPSHOT(2, 'A'), 0);
  expect(JSON.parse(subject.lastData!.raw.toString())).toEqual(DELTA(1));
  read(DELTA(123_456), 9);
  expect(JSON.parse(subject.lastData!.raw.toString())).toEqual(DELTA(123_456));
});
