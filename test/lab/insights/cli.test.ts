import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { insights } from '../../../lab/cli/insights.ts';
import { eventOf, MAX_LINE_BYTES, readLines } from '../../../lab/insights/ndjson.ts';
import { compileQuery } from '../../../lab/insights/query.ts';
import { instantOfText } from '../../../lab/insights/time-range.ts';
import { runBytes } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'tape-insights-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const LINES = [
  '{"timestamp":"2026-11-23T22:00:00.000Z","event":"a","n":1}',
  '{"timestamp":"2026-11-23T22:01:00.000Z","event":"b\\tc","n":20}',
];

function file(name: string, ...lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, lines.join('\n'));
  return path;
}

async function cli(...args: readonly string[]): Promise<{ readonly code: number; readonly lines: readonly string[] }> {
  const lines: string[] = [];
  const code = await insights(args, (line) => lines.push(line));
  return { code, lines };
}

describe('insights on the command line', () => {
  const log = file('a.ndjson', ...LINES);

  test('prints a table and the counts', async () => {
    expect(await cli('--query', 'fields event, n, x | sort n', log)).toEqual({
      code: 0,
      lines: [
        'event   n  x',
        '-----  --  -',
        'a       1',
        'b c    20',
        '{"rows":2,"matched":2,"scanned":2,"bytes":120}',
      ],
    });
  });

  test('prints a JSON object a row, and reads several files', async () => {
    const other = file('b.ndjson', '{"event":"c","n":7}', '', 'text');
    expect(await cli('--json', '--query', 'filter ispresent(n) | stats sum(n) as s by @logStream', log, other)).toEqual(
      {
        code: 0,
        lines: [
          '{"@logStream":"a.ndjson","s":21}',
          '{"@logStream":"b.ndjson","s":7}',
          '{"rows":2,"matched":3,"scanned":4,"bytes":143}',
        ],
      },
    );
  });

  test('a time range leaves events out before they are scanned', async () => {
    const { lines } = await cli(
      '--query',
      'stats count(*)',
      '--json',
      '--start',
      '2026-11-23T22:00:30',
      '--end',
      '500y',
      log,
    );
    expect(lines).toEqual(['{"count(*)":0}', '{"rows":1,"matched":0,"scanned":0,"bytes":0}']);
    const range = ['--start', '2026-11-23T22:00:30Z', '--end', '2026-11-24'];
    expect((await cli('--query', 'fields event', ...range, '--json', log)).lines.at(-1)).toContain('"scanned":1');
    expect((await cli('--query', 'fields event', '--start', '-500y', '--json', log)).lines.at(-1)).toContain(
      '"scanned":2',
    );
  });

  test('a wrong query ends with 2 and a caret under its place', async () => {
    const { code, lines } = await cli('--query', 'filter event == "a"', log);
    expect(code).toBe(2);
    expect(lines.slice(1)).toEqual(['filter event == "a"', '             ^']);
  });

  test.each([
    [['--query', 'limit 1']],
    [['x.ndjson']],
    [['--query', 'limit 1', '--frobnicate', 'x']],
    [['--query', 'limit 1', '--start', 'soon', 'x']],
    [['--query', 'limit 1', '--end', '5parsecs', 'x']],
    [['--query', 'limit 1', '--format', 'xml', 'x']],
  ])('wrong arguments end with 2: %j', async (args) => {
    expect((await cli(...args)).code).toBe(2);
  });

  test('a file that cannot be read ends with 1 and without a result', async () => {
    const { code, lines } = await cli('--query', 'stats count(*)', '--json', log, join(folder, 'none'));
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
  });

  test('what the service does silently is said beside the counts', async () => {
    const { lines } = await cli('--query', 'stats count(*) by bin(300s)', '--json', log);
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ rows: 2, warnings: [expect.any(String)] });
  });
});

describe('a file of events', () => {
  const EVENT = { timestamp: 1_000, message: '{"a":1}', ingestionTime: 2_000, logStreamName: 's', logGroupName: 'g' };

  test('is told from its first line', async () => {
    const text = [JSON.stringify(EVENT), '', '{"a":2}'].join('\n');
    const { rows } = await runBytes('fields a, @logStream, @log, @timestamp, @ingestionTime | sort a', text);
    expect(rows).toMatchObject([
      { a: 1, '@logStream': 's', '@log': 'g', '@timestamp': '1970-01-01 00:00:01.000' },
      { a: 2, '@logStream': null },
    ]);
  });

  test.each([
    ['{"message":"m","timestamp":"2026-11-23T22:00:00Z"}'],
    ['{"message":"m","timestamp":1,"level":"INFO"}'],
    ['{"message":{"a":1},"timestamp":1}'],
    ['{"timestamp":1}'],
    ['text'],
    ['null'],
  ])('%s is a message itself', (line) => {
    expect(eventOf(line)).toBeUndefined();
  });

  test('a line without end is refused before it fills the memory', async () => {
    const chunk = Buffer.alloc(1_048_576, 'x');
    const endless = (async function* () {
      for (let i = 0; i <= MAX_LINE_BYTES / chunk.length; i++) yield await Promise.resolve(chunk);
    })();
    await expect(readLines(endless, compileQuery('stats count(*)').start(), {}, 'lines')).rejects.toThrow(RangeError);
  });
});

describe('an instant on the command line', () => {
  const NOW = Date.UTC(2026, 10, 23, 22);

  test.each([
    ['now', NOW],
    ['15m', NOW - 900_000],
    ['-2h', NOW - 7_200_000],
    ['1w', NOW - 604_800_000],
    ['1mo', Date.UTC(2026, 9, 23, 22)],
    ['1q', Date.UTC(2026, 7, 23, 22)],
    ['1y', Date.UTC(2025, 10, 23, 22)],
    ['1795471200000', 1_795_471_200_000],
    ['2026-11-23', Date.UTC(2026, 10, 23)],
    ['2026-11-23 22:00:00', NOW],
    ['2026-11-23T23:00:00+01:00', NOW],
    ['2026-13-45', undefined],
    ['5x', undefined],
    ['', undefined],
  ])('%s', (text, ms) => {
    expect(instantOfText(text, NOW)).toBe(ms);
  });
});
