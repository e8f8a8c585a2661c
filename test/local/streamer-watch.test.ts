import { expect, test } from 'vitest';
import { StreamerWatch } from '../../local/streamer-watch.ts';

test('counts over all runs of the streamer, each up to its last heartbeat', () => {
  const watch = new StreamerWatch();
  const says = (event: string, fields: object = {}): void => watch.read(JSON.stringify({ event, ...fields }));
  const beats = (received: number, published: number, dropped: number): void =>
    says('heartbeat', {
      frames_received_total: received,
      rows_written_total: published,
      dropped_frames_total: dropped,
    });
  says('startup_config');
  beats(10, 8, 0);
  beats(100, 90, 1);
  says('startup_config');
  expect(watch.totals).toEqual({ received: 100, published: 90, dropped: 1, crashes: 1 });
  beats(7, 5, 2);
  watch.read('no line of ours');
  expect(watch.totals).toEqual({ received: 107, published: 95, dropped: 3, crashes: 1 });
});

test('a run that said shutdown_complete did not crash', () => {
  const watch = new StreamerWatch();
  for (const event of ['startup_config', 'shutdown_complete', 'startup_config', 'startup_config'])
    watch.read(JSON.stringify({ event }));
  expect(watch.totals.crashes).toBe(1);
});

test('what a streamer that says nothing any more said last is not said of now', () => {
  let now_ms = 1_000_000;
  const watch = new StreamerWatch(() => now_ms);
  const beat = (): void => watch.read(JSON.stringify({ event: 'heartbeat', ws_state: 'live' }));
  now_ms += 60_000;
  expect([watch.ws_state, watch.silent_sec]).toEqual(['starting', 0]);
  beat();
  now_ms += 4_900;
  expect([watch.ws_state, watch.silent_sec]).toEqual(['live', 0]);
  now_ms += 7_100;
  expect([watch.ws_state, watch.silent_sec]).toEqual(['unknown: the streamer is silent for 12 s', 12]);
  beat();
  expect([watch.ws_state, watch.silent_sec]).toEqual(['live', 0]);
});
