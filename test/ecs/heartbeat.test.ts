import { afterEach, expect, test } from 'vitest';
import { type Counters, Heartbeat } from '../../ecs/heartbeat.ts';

const SECOND = 1_000_000;
const START = 1_800_000_000 * SECOND;

const COUNTERS: Counters = {
  recorder_id: 'r',
  framesReceived: 0,
  framesAcknowledged: 0,
  framesWaiting: 0,
  framesDropped: 0,
  oldestWaitingTs: undefined,
  lastAckTs: 0,
  lastDataFrames: [],
  logKeptBack: { lines: 0, bytes: 0 },
  ws_state: 'live',
  sessions: 1,
  reconnects_total: 0,
  gaps_open: 0,
  gaps_total: 0,
  spool_blocks: 0,
  spool_bytes: 0,
};

let heartbeat: Heartbeat | undefined;
const started = (): Heartbeat => (heartbeat = new Heartbeat(START));
afterEach(() => heartbeat?.close());

test('quiet is not a stall: nothing waiting is no lag, however long nothing came', () => {
  const beat = started().beat({ ...COUNTERS, lastAckTs: START }, START + 86_400 * SECOND);
  expect(beat).toMatchObject({ ingest_lag_sec: 0, messages_per_sec: 0 });
});

test('what waits grows old', () => {
  const subject = started();
  const waiting = { ...COUNTERS, oldestWaitingTs: START };
  expect(subject.beat(waiting, START + 30 * SECOND).ingest_lag_sec).toBe(30);
  expect(subject.beat(waiting, START + 90 * SECOND).ingest_lag_sec).toBe(90);
});

test('rates are against the heartbeat before', () => {
  const subject = started();
  subject.beat({ ...COUNTERS, framesReceived: 100, framesAcknowledged: 40 }, START + 10 * SECOND);
  const beat = subject.beat({ ...COUNTERS, framesReceived: 300, framesAcknowledged: 90 }, START + 20 * SECOND);
  expect(beat).toMatchObject({ messages_per_sec: 20, rows_since_last: 50, rows_written_total: 90 });
});

const delta = (ts_ms: number): Buffer =>
  Buffer.from(
    JSON.stringify({
      type: 'orderbook_delta',
      sid: 1,
      seq: 2,
      msg: {
        market_ticker: 'A',
        market_id: '',
        price_dollars: '0.0100',
        delta_fp: '1.00',
        side: 'yes',
        ts: new Date(ts_ms).toISOString(),
        ts_ms,
      },
    }),
  );
const EVENT_MS = Date.UTC(2026, 10, 23);
/** Received so long after the exchange says it happened. */
const received = (raw: Buffer, lag_us = 0, event_ms = EVENT_MS) => ({ raw, recv_ts: event_ms * 1_000 + lag_us });

test('the newest event is the newest of all connections, and a frame without a time says nothing', () => {
  const subject = started();
  const lastDataFrames = [
    received(delta(EVENT_MS), 12_300),
    received(delta(EVENT_MS - 5_000), 900_000, EVENT_MS - 5_000),
    received(Buffer.from('{')),
    received(Buffer.from('{"type":"ticker"}')),
  ];
  expect(subject.beat({ ...COUNTERS, lastDataFrames }, START)).toMatchObject({
    last_event_ts: '2026-11-23T00:00:00.000Z',
    exchange_lag_sec: 0.012,
  });
  expect(subject.beat(COUNTERS, START)).toMatchObject({ last_event_ts: '', exchange_lag_sec: 0 });
});

test('the exchange’s lag is that of the newest frame when it came: it does not grow in a quiet night', () => {
  const subject = started();
  const lastDataFrames = [received(delta(EVENT_MS), 250_000)];
  for (const later of [1, 3_600, 86_400]) {
    const beat = subject.beat({ ...COUNTERS, lastDataFrames }, EVENT_MS * 1_000 + later * SECOND);
    expect(beat.exchange_lag_sec).toBe(0.25);
  }
});

test('a clock behind the exchange’s shows as a lag below zero', () => {
  const lastDataFrames = [received(delta(EVENT_MS), -2_000_000)];
  expect(started().beat({ ...COUNTERS, lastDataFrames }, START).exchange_lag_sec).toBe(-2);
});

test('what the log kept back is told once, by the heartbeat that follows', () => {
  const subject = started();
  const beats = [
    { lines: 7, bytes: 2_000 },
    { lines: 7, bytes: 2_000 },
    { lines: 10, bytes: 2_900 },
  ].map((logKeptBack) => subject.beat({ ...COUNTERS, logKeptBack }, START));
  expect(
    beats.map(({ log_lines_suppressed, log_bytes_suppressed }) => [log_lines_suppressed, log_bytes_suppressed]),
  ).toEqual([
    [7, 2_000],
    [0, 0],
    [3, 900],
  ]);
});
