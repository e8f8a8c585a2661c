import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { backtest } from '../../../local/commands/backtest.ts';
import { UsageError } from '../../../local/commands/command.ts';
import { watchedTemplate } from '../../lib/observability/watched-stack.ts';
import { testPorts } from './ports.ts';

const BEGIN = Date.parse('2026-11-23T20:00:00Z');
const SECOND = 1_000;
const TEMPLATE = watchedTemplate().toJSON() as unknown;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tape-backtest-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const at = (sec: number, fields: object): string =>
  JSON.stringify({ timestamp: new Date(BEGIN + sec * SECOND).toISOString(), ...fields });

/** A streamer's heartbeats for so many minutes but for those in `[from, to)`, and all that its alarms look at. */
function heartbeats(minutes: number, [from, to]: readonly [number, number] = [0, 0]): string {
  const seconds = Array.from({ length: minutes * 2 }, (_, n) => n * 30).filter(
    (sec) => sec < from * 60 || sec >= to * 60,
  );
  return seconds
    .map((sec) =>
      at(sec, {
        level: 'INFO',
        component: 'streamer',
        event: 'heartbeat',
        ws_state: 'live',
        ingest_lag_sec: 0.2,
        exchange_lag_sec: 0.1,
        messages_per_sec: 100,
        spool_blocks: 0,
      }),
    )
    .join('\n');
}

/** A probe's answers, each minute. */
function answers(minutes: number): string {
  const line = {
    level: 'INFO',
    component: 'probe',
    event: 'warehouse_heartbeat',
    newest_row_age_sec: 200,
    end_to_end_lag_sec: 1,
  };
  const rows = { rows_ingested_last_5m: { frames: 9 }, parts_per_partition_max: 4, disk_free_mb: 90_000 };
  return Array.from({ length: minutes }, (_, n) => at(n * 60 + 5, { ...line, ...rows })).join('\n');
}

async function tested(streamer: string, extra: readonly string[] = []) {
  const files = [join(dir, 'streamer.ndjson'), join(dir, 'probe.ndjson')] as const;
  await writeFile(files[0], streamer);
  await writeFile(files[1], answers(40));
  const { ports, lines, notes } = testPorts();
  const code = await backtest([...files, ...extra], { ...ports, synthesize: () => TEMPLATE });
  return { code, lines, notes, counts: JSON.parse(lines.at(-1)!) as Record<string, number> };
}

test('a quiet time would have told nobody', async () => {
  const { code, counts, lines } = await tested(heartbeats(40));
  expect(lines).toContain('Nothing would have paged.');
  expect([code, counts['pages']]).toEqual([0, 0]);
});

test('a silence of ten minutes would have paged once, at a time that is named; what it explains is withheld', async () => {
  const { code, counts, lines } = await tested(heartbeats(40, [10, 20]));
  expect(code).toBe(1);
  expect(counts['pages']).toBe(1);
  const head = lines.findIndex((line) => line.endsWith('streamer-down: 1 time'));
  expect(head).toBeGreaterThan(0);
  expect(lines[head + 1]).toMatch(/2026-11-23T20:1\d:00Z/);
});

test('says whose lines are not there: alarms on silence fire for that', async () => {
  const { notes } = await tested(heartbeats(5));
  expect(notes.some((note) => note.startsWith('no lines of') && note.includes('sink'))).toBe(true);
});

test.each([[[]], [['x.ndjson', '--from', 'later']]])('refuses what it does not understand: %j', async (args) => {
  const { ports } = testPorts();
  await expect(backtest(args, { ...ports, synthesize: () => TEMPLATE })).rejects.toBeInstanceOf(UsageError);
});

test('refuses a template without alarms, where nothing could ever page', async () => {
  const { ports } = testPorts();
  const empty = { Resources: { Topic: { Type: 'AWS::SNS::Topic' } } };
  await expect(backtest(['x.ndjson'], { ...ports, synthesize: () => empty })).rejects.toBeInstanceOf(UsageError);
});
