import { Logger } from '@aws-lambda-powertools/logger';
import { expect, test } from 'vitest';
import { Secret } from '../../../core/logging/secret.ts';
import { sinkLog } from '../../../functions/sink/log.ts';
import { linesWritten } from './lines-written.ts';

const FAILED = { category: 'timeout', exception_type: 'timeout', exception_msg: 'no answer' };
const GIVEN_UP = { aws_request_id: 'r', table: 'trades', rows: 1, ...FAILED };
const RETRY = { ...GIVEN_UP, attempt: 1, backoff_ms: 100 };
const MINUTE_MS = 60_000;

function setUp(secret = 'hunter2-hunter2') {
  const clock = { ms: 0 };
  const logger = new Logger({ serviceName: 'kalshi-tape-sink' });
  return { clock, ...sinkLog({ logger, secrets: [new Secret(secret)], lowest: 'INFO', now: () => clock.ms }) };
}

const count = (lines: readonly { readonly event: unknown }[], event: string): number =>
  lines.filter((line) => line.event === event).length;

test('a storm of recovered failures keeps to the log’s bounds and is told exactly, ERROR passes whole', () => {
  const lines = linesWritten(() => {
    const { clock, log, end } = setUp();
    for (let n = 0; n < 1_000; n++) {
      log('insert_retry', RETRY);
      log('insert_failed', { ...GIVEN_UP, attempts: 4 });
    }
    clock.ms += MINUTE_MS;
    for (let n = 0; n < 500; n++) log('insert_retry', RETRY);
    end();
    end();
  });
  expect(count(lines, 'insert_failed')).toBe(1_000);
  const told = lines.filter(({ event }) => event === 'log_suppressed');
  expect(told).toHaveLength(2);
  expect(told.every((line) => Number(line['bytes']) > 0)).toBe(true);
  expect(count(lines, 'insert_retry') + told.reduce((all, line) => all + Number(line['count']), 0)).toBe(1_500);
});

test('no line holds the password, whoever wrote it into a field', () => {
  const lines = linesWritten(() => {
    const { log } = setUp('s3cr3t-pass');
    log('insert_failed', { ...GIVEN_UP, attempts: 1, exception_msg: 'user sink, password s3cr3t-pass is wrong' });
  });
  expect(JSON.stringify(lines)).not.toContain('s3cr3t-pass');
  expect(lines[0]).toMatchObject({
    level: 'ERROR',
    event: 'insert_failed',
    component: 'clickhouse',
    category: 'timeout',
  });
});
