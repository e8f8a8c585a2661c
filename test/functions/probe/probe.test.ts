import { describe, expect, test } from 'vitest';
import { TABLES } from '../../../core/contract/names.ts';
import type { FailureClass } from '../../../core/failure/classes.ts';
import { failureOf } from '../../../core/failure/failure.ts';
import { eventLog } from '../../../core/logging/event-log.ts';
import { type Deadline, type Question, UnansweredError } from '../../../functions/probe/clickhouse.ts';
import { probe } from '../../../functions/probe/probe.ts';
import { type Arrivals, arrivals, DISKS, newestBlock, PARTS } from '../../../functions/probe/questions.ts';
import { faultsOf, type Line } from '../../support/catalogue.ts';

const SOME: Arrivals = {
  blocks: 3,
  table_rows: { frames: 1_500, orderbook_deltas: 1_400, gaps: 1 },
  newest_row_age_sec: 1.23456,
  end_to_end_lag_sec: 2.5,
  gaps_open: 4,
};
const NONE: Arrivals = { blocks: 0, table_rows: {}, newest_row_age_sec: 1e9, end_to_end_lag_sec: 0, gaps_open: 0 };

/** What ClickHouse answers: a row, or the class of its refusal. */
interface Script {
  readonly arrivals?: Arrivals | FailureClass;
  readonly newest?: { readonly blocks: number; readonly newest_row_age_sec: number } | FailureClass;
  readonly parts?: FailureClass;
  readonly disks?: FailureClass;
}

async function probed(script: Script) {
  const answers = new Map<string, unknown>([
    [arrivals().sql, script.arrivals ?? SOME],
    [newestBlock().sql, script.newest ?? { blocks: 9, newest_row_age_sec: 4_000 }],
    [PARTS.sql, script.parts ?? { parts: 40, parts_per_partition_max: 7, disk_used_bytes: 12_345_678 }],
    [DISKS.sql, script.disks ?? { disk_free_bytes: 8e9 }],
  ]);
  const asked: { readonly sql: string; readonly leftMs: number }[] = [];
  const lines: Line[] = [];
  let ms = 1_000;
  await probe(
    {
      clickhouse: {
        ask<T>({ sql }: Question<T>, { leftMs }: Deadline): Promise<T> {
          asked.push({ sql, leftMs });
          ms += 100;
          const answer = answers.get(sql);
          if (typeof answer !== 'string') return Promise.resolve(answer as T);
          return Promise.reject(new UnansweredError(failureOf(answer as FailureClass, 'scripted')));
        },
      },
      // As a line is written: what is undefined is not there.
      log: eventLog((level, message, fields) =>
        lines.push(JSON.parse(JSON.stringify({ level, message, ...fields })) as Line),
      ),
      now: () => ms,
    },
    5_000,
  );
  expect(lines).toHaveLength(1);
  expect(faultsOf(lines[0]!)).toEqual([]);
  return { line: lines[0]!, asked };
}

describe('a probe', () => {
  test('names every table, with zero where nothing came', async () => {
    const { line } = await probed({});
    expect(Object.keys(line['rows_ingested_last_5m'] as object)).toEqual([...TABLES]);
    expect(line).toMatchObject({
      event: 'warehouse_heartbeat',
      rows_ingested_last_5m: { frames: 1_500, orderbook_deltas: 1_400, trades: 0, gaps: 1, rejects: 0, blocks: 3 },
      newest_row_age_sec: 1.235,
      end_to_end_lag_sec: 2.5,
      parts: 40,
      parts_per_partition_max: 7,
      disk_used_mb: 12.346,
      disk_free_mb: 8_000,
      gaps_open: 4,
      duration_ms: 300,
    });
  });

  test('asks for the newest block of any time only where none landed lately', async () => {
    expect((await probed({})).asked.map(({ sql }) => sql)).not.toContain(newestBlock().sql);
    const { line, asked } = await probed({ arrivals: { ...NONE, gaps_open: 2 } });
    expect(asked.map(({ sql }) => sql)).toContain(newestBlock().sql);
    expect(line).toMatchObject({ newest_row_age_sec: 4_000, end_to_end_lag_sec: 0, gaps_open: 2 });
  });

  test('says -1 for the age where no block has ever landed', async () => {
    const never = await probed({ arrivals: NONE, newest: { blocks: 0, newest_row_age_sec: 1.7e9 } });
    expect(never.line['newest_row_age_sec']).toBe(-1);
  });

  test.each(['auth', 'schema', 'timeout'] as const)(
    'says -1 for what a system table does not tell (%s), and the rest all the same',
    async (refusal) => {
      const partless = await probed({ parts: refusal });
      expect(partless.line).toMatchObject({
        event: 'warehouse_heartbeat',
        ...{ parts: -1, parts_per_partition_max: -1, disk_used_mb: -1, disk_free_mb: 8_000, gaps_open: 4 },
      });
      const diskless = await probed({ disks: refusal });
      expect(diskless.line).toMatchObject({ parts: 40, disk_used_mb: 12.346, disk_free_mb: -1 });
    },
  );

  test('says what failed where the warehouse does not answer, and does not throw', async () => {
    const { line } = await probed({ arrivals: 'connection_refused', parts: 'timeout', disks: 'timeout' });
    expect(line).toMatchObject({
      event: 'probe_failed',
      level: 'WARN',
      category: 'connection_refused',
      duration_ms: 300,
    });
    expect((await probed({ arrivals: NONE, newest: 'timeout' })).line).toMatchObject({ category: 'timeout' });
  });

  test('leaves a later question no more than what is left of the time', async () => {
    const { asked } = await probed({ arrivals: NONE });
    expect(asked.at(-1)).toEqual({ sql: newestBlock().sql, leftMs: 4_700 });
  });
});
