import { expect, test } from 'vitest';
import { eventLog } from '../../../core/logging/event-log.ts';
import type { Level } from '../../../core/logging/events.ts';
import { LOG_BOUNDS } from '../../../core/logging/gate.ts';
import { gatedWriter } from '../../../core/logging/gated.ts';

const MINUTE_MS = 60_000;

function gated(lowest: Level = 'INFO') {
  const clock = { now: 1_800_000_000_000 };
  const lines: { readonly level: Level; readonly event: string; readonly fields: Readonly<Record<string, unknown>> }[] =
    [];
  const { write, keptBack } = gatedWriter({
    write: (level, event, fields) => lines.push({ level, event, fields }),
    now: () => clock.now,
    lowest,
  });
  const log = eventLog(write);
  const disconnect = (reason: string): void =>
    log('ws_disconnected', {
      session_id: 's',
      connection: 0,
      cause: 'disconnect',
      close_code: 1006,
      reason,
      frames: 1,
      backoff_ms: 20,
    });
  const named = (name: string) => lines.filter(({ event }) => event === name);
  return { clock, lines, log, keptBack, disconnect, named };
}

test('a repeated event passes a few times, then is counted, and the counts are told when the minute is over', () => {
  const { clock, disconnect, named, keptBack } = gated();
  for (let i = 0; i < 100; i++) disconnect('reset');
  expect(named('ws_disconnected')).toHaveLength(LOG_BOUNDS.linesPerKind);
  expect(keptBack().lines).toBe(70);
  expect(named('log_suppressed')).toEqual([]);
  clock.now += MINUTE_MS;
  disconnect('reset');
  expect(named('log_suppressed')).toMatchObject([
    { level: 'WARN', fields: { count: 70, bytes: keptBack().bytes, kinds: ['ws_disconnected|disconnect|reset=70'] } },
  ]);
  expect(named('ws_disconnected')).toHaveLength(LOG_BOUNDS.linesPerKind + 1);
});

test('a storm of one case does not hide the first line of another', () => {
  const { disconnect, named } = gated();
  for (let i = 0; i < 100; i++) disconnect('reset');
  disconnect('going away');
  expect(named('ws_disconnected').at(-1)!.fields['reason']).toBe('going away');
});

test('what is below the level spends nothing and is not counted as kept back', () => {
  const { log, lines, keptBack } = gated('INFO');
  for (let i = 0; i < 1_000; i++)
    log('ws_frame', { session_id: 's', connection: 0, frame_no: i, bytes: 300, detail: '{' });
  expect(lines).toEqual([]);
  expect(keptBack()).toEqual({ lines: 0, bytes: 0 });
});

test('the heartbeat and errors pass in a storm that has spent the budget', () => {
  const { disconnect, log, named } = gated();
  for (let i = 0; i < 5_000; i++) disconnect(`${i}${'x'.repeat(100)}`);
  const before = named('shutdown_forced').length;
  for (let i = 0; i < 100; i++) log('shutdown_forced', { reason: 'r', rows_buffered: i });
  expect(named('shutdown_forced').length - before).toBe(100);
});

test('a name of a kind is bounded, whatever others wrote into a reason', () => {
  const { clock, disconnect, named } = gated();
  for (let i = 0; i < 100; i++) disconnect('r'.repeat(10_000));
  clock.now += MINUTE_MS;
  disconnect('');
  for (const kind of named('log_suppressed')[0]!.fields['kinds'] as string[]) expect(kind.length).toBeLessThan(120);
});
