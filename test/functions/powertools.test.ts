import { Logger } from '@aws-lambda-powertools/logger';
import { afterEach, expect, test, vi } from 'vitest';
import { eventLog, type WriteEvent } from '../../core/logging/event-log.ts';
import { jsonLines } from '../../ecs/console.ts';
import { powertoolsWriter } from '../../functions/powertools.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

type Line = Readonly<Record<string, unknown>>;

/** The lines that reach the process's output while `work` runs. */
function linesOf(work: () => void): Line[] {
  const lines: Line[] = [];
  const take = (chunk: unknown): boolean => {
    lines.push(JSON.parse(String(chunk)) as Line);
    return true;
  };
  const spies = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')];
  for (const spy of spies) spy.mockImplementation(take);
  try {
    work();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return lines;
}

const speak = (write: WriteEvent): void => {
  const log = eventLog(write);
  log('insert_done', { aws_request_id: 'r', table: 'frames', rows: 1, bytes: 2, attempt: 1, duration_ms: 3 });
  log('record_rejected', { aws_request_id: 'r', shard_id: 's', sequence_number: '1', reason: 'checksum', bytes: 9 });
  log('sink_refused', { faults: ['CLICKHOUSE_URL: is required'] });
};

function bothWriters(): { readonly ours: Line[]; readonly powertools: Line[] } {
  const logger = new Logger({ serviceName: 'kalshi-tape-sink', logLevel: 'DEBUG' });
  const now = () => new Date('2026-11-23T10:00:00.123Z');
  return {
    ours: linesOf(() => speak(jsonLines((line) => process.stdout.write(line), 'DEBUG', now))),
    powertools: linesOf(() => speak(powertoolsWriter(logger))),
  };
}

/** sampling_rate is Powertools' own, log_seq the streamer's; the others stand in every line of both. */
const without = (line: Line, keys: readonly string[]): Line =>
  Object.fromEntries(Object.entries(line).filter(([key]) => !keys.includes(key)));

test('the sink writes its lines in the shape of the streamer: same keys, levels and kinds of values', () => {
  const { ours, powertools } = bothWriters();
  expect(powertools).toHaveLength(3);
  for (const [index, line] of powertools.entries()) {
    const { timestamp, service } = line;
    expect(without(line, ['timestamp', 'service', 'sampling_rate'])).toEqual(
      without(ours[index]!, ['timestamp', 'service', 'log_seq']),
    );
    expect(service).toBe('kalshi-tape-sink');
    expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
});

test('the message is the event, beside component and level from the catalogue', () => {
  const { powertools } = bothWriters();
  expect(powertools.map(({ level, message, component, event }) => [level, message, component, event])).toEqual([
    ['DEBUG', 'insert_done', 'clickhouse', 'insert_done'],
    ['ERROR', 'record_rejected', 'sink', 'record_rejected'],
    ['CRITICAL', 'sink_refused', 'sink', 'sink_refused'],
  ]);
});
