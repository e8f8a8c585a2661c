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

test('the newest event is the newest of all connections, and a frame without a time says nothing', () => {
  const subject = started();
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
  const late = Date.UTC(2026, 10, 23);
  const lastDataFrames = [delta(late), delta(late - 5_000), Buffer.from('{'), Buffer.from('{"type":"ticker"}')];
  expect(subject.beat({ ...COUNTERS, lastDataFrames }, START).last_event_ts).toBe('2026-11-23T00:00:00.000Z');
  expect(subject.beat(COUNTERS, START).last_event_ts).toBe('');
});
