import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PATTERNS } from '../../../core/logging/patterns.ts';
import { toInsights } from '../../../core/logging/query.ts';
import { UsageError } from '../../../local/commands/command.ts';
import { hasCredentials, logs } from '../../../local/commands/logs.ts';
import { LoopbackAws } from '../../functions/notify/aws.ts';
import { NOW, testPorts } from './ports.ts';

let dir: string;
let aws: LoopbackAws;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tape-logs-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const line = (timestamp: string, event: string, exception_msg: string): string =>
  `${JSON.stringify({ timestamp, level: 'WARN', component: 'sink', event, category: 'memory_limit', exception_msg })}\n`;

describe('logs over files', () => {
  beforeEach(() =>
    writeFile(
      join(dir, 'sink.ndjson'),
      line('2026-11-23T20:00:00Z', 'insert_retry', 'old') + line('2026-11-23T23:30:00Z', 'insert_failed', 'new'),
    ),
  );

  test('runs the query as it is saved, newest first, and says what it asked', async () => {
    const { ports, lines, notes } = testPorts();
    expect(await logs(['memory_limit', '--local', dir], ports)).toBe(0);
    expect(lines[0]).toMatch(/^@timestamp +event +table/);
    expect(lines.slice(2, 4).map((row) => /insert_\w+/.exec(row)?.[0])).toEqual(['insert_failed', 'insert_retry']);
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ rows: 2, matched: 2 });
    expect(notes).toEqual([expect.stringContaining(`1 files of ${dir}`)]);
  });

  test('leaves out what is older than asked for', async () => {
    const { ports, lines } = testPorts();
    await logs(['memory_limit', '--local', dir, '--since', '1h'], ports);
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ rows: 1 });
  });

  test.each([
    [['nonsense', '--local', '.']],
    [[]],
    [['memory_limit', 'data']],
    [['memory_limit', '--local', '/nonexistent']],
    [['memory_limit', '--local', '.', '--since', 'yesterday']],
    [['memory_limit', '--local', '.', '--stage', 'prod']],
  ])('refuses a call that it does not understand: %j', async (args) => {
    const { ports, lines } = testPorts();
    const local = args.map((arg) => (arg === '.' ? dir : arg));
    await expect(logs(local, ports)).rejects.toBeInstanceOf(UsageError);
    expect(lines).toEqual([]);
  });
});

describe('logs in the account', () => {
  const saved = (queryString: string, stage = 'prod') => ({
    name: `kalshi-tape/${stage}/${PATTERNS.memory_limit.title}`,
    queryString,
    logGroupNames: ['g-sink', 'g-probe'],
  });

  async function asked(queryString: string, args: readonly string[]) {
    let looks = 0;
    aws = await LoopbackAws.start(({ action, input }) => {
      if (action === 'DescribeQueryDefinitions')
        return input['nextToken'] === undefined
          ? { body: { queryDefinitions: [{ name: 'kalshi-tape/prod/Another' }], nextToken: 'more' } }
          : { body: { queryDefinitions: [saved(queryString)] } };
      if (action === 'StartQuery') return { body: { queryId: 'q' } };
      if (looks++ === 0) return { body: { status: 'Running', statistics: { recordsScanned: 12 } } };
      const results = [
        [
          { field: '@timestamp', value: '2026-11-23 23:30:00.000' },
          { field: 'event', value: 'insert_failed' },
          { field: 'exception_msg', value: 'too much' },
          { field: '@ptr', value: 'x' },
        ],
      ];
      return { body: { status: 'Complete', results, statistics: { recordsMatched: 1 } } };
    });
    const { ports, lines, notes } = testPorts(aws.url, { AWS_PROFILE: 'x' });
    try {
      return {
        code: await logs(args, ports),
        lines,
        notes,
        input: aws.asked.find(({ action }) => action === 'StartQuery')?.input,
      };
    } finally {
      await aws.stop();
    }
  }

  test('run the query that the stage saved over its log groups, tell how far they are, and print a table', async () => {
    const text = toInsights(PATTERNS.memory_limit.query);
    const { code, lines, notes, input } = await asked(text, ['memory_limit', '--since', '30m', '--stage', 'prod']);
    expect(code).toBe(0);
    expect(input).toEqual({
      queryString: text,
      logGroupNames: ['g-sink', 'g-probe'],
      startTime: NOW / 1_000 - 1_800,
      endTime: NOW / 1_000,
    });
    expect(lines[0]).toMatch(/^@timestamp +event +table +rows +failure_class +exception_msg$/);
    expect(lines[2]).toMatch(/^2026-11-23 23:30:00.000 +insert_failed +too much$/);
    expect(JSON.parse(lines.at(-1)!)).toEqual({ rows: 1, matched: 1 });
    expect(notes).toEqual([expect.stringContaining('stage prod'), expect.stringContaining('12 lines scanned')]);
  });

  test('run what is deployed, and say so where it is another version', async () => {
    const { notes, input } = await asked('fields @message', ['memory_limit', '--stage', 'prod']);
    expect(input).toMatchObject({ queryString: 'fields @message', startTime: NOW / 1_000 - 3_600 });
    expect(notes.some((note) => note.includes('another version'))).toBe(true);
  });

  test('say where the stage is not in the account', async () => {
    aws = await LoopbackAws.start(() => ({ body: { queryDefinitions: [] } }));
    const { ports } = testPorts(aws.url);
    await expect(logs(['memory_limit', '--stage', 'prod'], ports)).rejects.toThrow(/kalshi-tape\/prod\//);
    await aws.stop();
  });
});

test('credentials are there where a variable or a file says so', async () => {
  expect(hasCredentials({ HOME: dir })).toBe(false);
  expect(hasCredentials({ HOME: dir, AWS_PROFILE: '' })).toBe(false);
  expect(hasCredentials({ HOME: dir, AWS_ACCESS_KEY_ID: 'AKID' })).toBe(true);
  await writeFile(join(dir, 'credentials'), '');
  expect(hasCredentials({ HOME: dir, AWS_SHARED_CREDENTIALS_FILE: join(dir, 'credentials') })).toBe(true);
});
