import { describe, expect, test } from 'vitest';
import { eventLog, type FieldsOf } from '../../../core/logging/event-log.ts';
import type { EventName } from '../../../core/logging/events.ts';
import { REPEAT_EVERY_SEC } from '../../../functions/sink/repeats.ts';
import type { Landed, LandedSum } from '../../../functions/sink/summary.ts';
import { Telling } from '../../../functions/sink/telling.ts';

const EVERY_MS = REPEAT_EVERY_SEC * 1_000;

const LANDED: Landed = {
  aws_request_id: 'r',
  newest_block_id: 's:1-10',
  records: 1,
  blocks: 1,
  duplicates: 0,
  torn: 0,
  frames: 10,
  rows: 9,
  rejects: 1,
  unknownTypes: 2,
  duration_ms: 5,
  ingest_lag_sec: 0.5,
};

const failed = (over: Partial<FieldsOf<'insert_failed'>> = {}): FieldsOf<'insert_failed'> => ({
  aws_request_id: 'r',
  table: 'trades',
  rows: 1,
  attempts: 4,
  category: 'timeout',
  exception_type: 'timeout',
  exception_msg: 'no answer',
  ...over,
});

function setUp() {
  const clock = { ms: 1_795_428_000_000 };
  const lines: { readonly level: string; readonly event: EventName; readonly fields: Record<string, unknown> }[] = [];
  const published: LandedSum[] = [];
  const telling = new Telling({
    log: eventLog((level, event, fields) => lines.push({ level, event, fields })),
    publish: (sum) => published.push(sum),
    now: () => clock.ms,
  });
  return { clock, lines, published, telling, names: () => lines.map(({ event }) => event) };
}

describe('what lands', () => {
  test('is told at once the first time, then summed up; line and metrics come together and say the same', () => {
    const { clock, lines, published, telling } = setUp();
    for (let second = 0; second <= 60; second++) {
      telling.turn();
      telling.landed(LANDED);
      telling.turn();
      clock.ms += 1_000;
    }
    expect(lines.map(({ event, level }) => [event, level])).toEqual(Array(3).fill(['insert_ok', 'INFO']));
    expect(lines.map(({ fields }) => fields['batches'])).toEqual([1, 29, 30]);
    telling.end();
    expect(published.map(({ batches }) => batches)).toEqual([1, 29, 30, 1]);
    expect(lines.map(({ fields }) => fields['frames'])).toEqual(published.map(({ frames }) => frames));
    expect(lines[0]?.fields).toMatchObject({ aws_request_id: 'r', block_id: 's:1-10' });
    expect(lines[0]?.fields).not.toHaveProperty('lags');
    expect(lines[0]?.fields).not.toHaveProperty('unknownTypes');
  });

  test('and was not told yet is told by an invocation that fails, and only once', () => {
    const { clock, lines, telling } = setUp();
    telling.landed(LANDED);
    telling.turn();
    telling.landed(LANDED);
    clock.ms += EVERY_MS;
    telling.turn();
    telling.log('insert_failed', failed());
    telling.turn();
    telling.end();
    expect(lines.map(({ event }) => event)).toEqual(['insert_ok', 'insert_ok', 'insert_failed']);
  });

  test('is not told where nothing landed', () => {
    const { lines, published, telling } = setUp();
    telling.turn();
    telling.end();
    expect([lines, published]).toEqual([[], []]);
  });
});

describe('a failure that comes with every delivery', () => {
  test('is told once in a while per category and table, with the number of those before it', () => {
    const { clock, lines, telling } = setUp();
    for (let second = 0; second <= 30; second++) {
      telling.turn();
      telling.log('insert_failed', failed({ aws_request_id: `r${second}` }));
      telling.log('insert_failed', failed({ table: 'frames' }));
      telling.log('insert_failed', failed({ category: 'memory_limit' }));
      telling.turn();
      clock.ms += 1_000;
    }
    const trades = lines.filter(({ fields }) => fields['table'] === 'trades' && fields['category'] === 'timeout');
    expect(trades.map(({ fields }) => [fields['aws_request_id'], fields['repeats']])).toEqual([
      ['r0', undefined],
      ['r29', 28],
    ]);
    expect(lines).toHaveLength(6);
    telling.end();
    expect(lines.reduce((all, { fields }) => all + 1 + Number(fields['repeats'] ?? 0), 0)).toBe(31 * 3);
  });

  test('is over with a success: what was kept back is told before it, and the next failure is told at once', () => {
    const { lines, names, telling } = setUp();
    for (let n = 0; n < 3; n++) telling.log('insert_failed', failed());
    telling.landed(LANDED);
    telling.turn();
    telling.log('insert_failed', failed());
    expect(names()).toEqual(['insert_failed', 'insert_failed', 'insert_ok', 'insert_failed']);
    expect(lines.map(({ fields }) => fields['repeats'])).toEqual([undefined, 1, undefined, undefined]);
  });

  test('of records and rows that are set aside goes on collapsing through successes, which do not repair it', () => {
    const { clock, lines, telling } = setUp();
    const poison = { aws_request_id: 'r', shard_id: 's', reason: 'not_a_block', bytes: 4 };
    for (let second = 0; second < 30; second++) {
      telling.turn();
      telling.log('record_rejected', { ...poison, sequence_number: String(second) });
      telling.log('insert_dropped', { ...failed(), block_id: 's:1-10', reason: 'refused_by_clickhouse' });
      telling.landed(LANDED);
      telling.turn();
      clock.ms += 1_000;
    }
    telling.turn();
    const ofEvent = (name: EventName) =>
      lines.filter(({ event }) => event === name).map(({ fields }) => fields['repeats']);
    expect(ofEvent('record_rejected')).toEqual([undefined, 28]);
    expect(ofEvent('insert_dropped')).toEqual([undefined, 28]);
  });

  test('passes whole where it is of a kind that nothing collapses', () => {
    const { names, telling } = setUp();
    const retry = { ...failed(), attempt: 1, backoff_ms: 100 };
    for (let n = 0; n < 3; n++) telling.log('insert_retry', retry);
    expect(names()).toEqual(Array(3).fill('insert_retry'));
  });
});
