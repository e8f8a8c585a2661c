import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FAILURE_CLASS_NAMES, type FailureClass, obligationOf } from '../../../core/failure/classes.ts';
import type { InsertRequest } from '../../../functions/sink/clickhouse.ts';
import { Inserter, INSERT_MAX_ROWS, REFUSALS_MAX, TableFailure } from '../../../functions/sink/inserter.ts';
import { failing, numbersIn, rowNo, rowsUpTo, scriptedPorts } from './scripted-clickhouse.ts';

const BOUNDS = { attempts: 4, timeoutMs: 20_000 };
const INVOCATION_MS = 60_000;
const BATCH = { aws_request_id: 'request', block_id: 's:1-9' };

function setUp(bounds = BOUNDS, remainingMs = INVOCATION_MS) {
  const scripted = scriptedPorts();
  const deadline = scripted.clock.ms + remainingMs;
  return { ...scripted, deadline, inserter: new Inserter(scripted.ports, bounds, BATCH, deadline) };
}

async function failureOfInsert(inserter: Inserter, rows: Parameters<Inserter['insert']>[1]): Promise<TableFailure> {
  const thrown: unknown = await inserter.insert('trades', rows).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(TableFailure);
  return thrown as TableFailure;
}

const sizes = (requests: readonly InsertRequest[]): number[] => requests.map((request) => numbersIn(request).length);
const inAll = (requests: readonly InsertRequest[]): number[] => requests.flatMap(numbersIn);
const ascending = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b);
const range = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);
const classesThat = (is: (name: FailureClass) => boolean): FailureClass[] => FAILURE_CLASS_NAMES.filter(is);

describe('an insert that fails for a moment', () => {
  test('is sent again with the same bytes and the same token', async () => {
    const { clickhouse, inserter, logged } = setUp();
    clickhouse.answer = (_, nth) => {
      if (nth === 1) throw failing('connection_lost');
      if (nth === 2) throw failing('timeout');
    };
    await inserter.insert('trades', rowsUpTo(3));
    expect(clickhouse.tried).toHaveLength(3);
    expect(new Set(clickhouse.tried.map(({ token }) => token)).size).toBe(1);
    expect(clickhouse.tried.every(({ payload }) => payload.equals(clickhouse.tried[0]!.payload))).toBe(true);
    expect(logged.map(({ event }) => event)).toEqual(['insert_retry', 'insert_retry', 'insert_done']);
    expect(logged.at(-1)?.fields).toMatchObject({ table: 'trades', rows: 3, attempt: 3 });
  });

  test.each(classesThat((name) => obligationOf(name).split === 'no' && !obligationOf(name).row))(
    'of class %s is never cut, nor is a row of it set aside',
    async (failureClass) => {
      const { clickhouse, inserter, logged } = setUp();
      clickhouse.answer = () => {
        throw failing(failureClass, { row: 2 });
      };
      const { failure, table } = await failureOfInsert(inserter, rowsUpTo(8));
      expect({ class: failure.class, table }).toEqual({ class: failureClass, table: 'trades' });
      expect(new Set(clickhouse.tried.map(({ token }) => token)).size).toBe(1);
      expect(inserter.rejects).toEqual([]);
      expect(logged.at(-1)).toMatchObject({
        event: 'insert_failed',
        level: 'ERROR',
        fields: { category: obligationOf(failureClass).category, table: 'trades' },
      });
    },
  );

  test.each(classesThat((name) => obligationOf(name).retry === 'slow'))(
    'of class %s, which a person must repair, is given up at once',
    async (failureClass) => {
      const { clickhouse, clock, inserter } = setUp();
      clickhouse.answer = () => {
        throw failing(failureClass);
      };
      await failureOfInsert(inserter, rowsUpTo(2));
      expect(clickhouse.tried).toHaveLength(1);
      expect(clock.slept).toEqual([]);
    },
  );

  test('never outlives the invocation', async () => {
    const { clickhouse, clock, deadline, inserter } = setUp({ attempts: 20, timeoutMs: 20_000 });
    const late: number[] = [];
    clickhouse.answer = ({ timeoutMs }) => {
      if (clock.ms + timeoutMs > deadline) late.push(timeoutMs);
      clock.ms += timeoutMs;
      throw failing('timeout');
    };
    await failureOfInsert(inserter, rowsUpTo(2));
    expect(late).toEqual([]);
    expect(clock.ms).toBeLessThanOrEqual(deadline);
    expect(clickhouse.tried.length).toBeGreaterThan(2);
  });

  test('is not even begun when the time is over', async () => {
    const { clickhouse, inserter } = setUp(BOUNDS, 0);
    expect((await failureOfInsert(inserter, rowsUpTo(2))).failure.class).toBe('aborted');
    expect(clickhouse.tried).toEqual([]);
  });
});

describe('an insert that is too large', () => {
  test.each(['memory_query', 'size'] as const)(
    '(%s) goes in halves, in order, and everything lands once',
    async (failureClass) => {
      const { clickhouse, inserter, logged } = setUp();
      clickhouse.answer = (request) => {
        if (numbersIn(request).length > 10) throw failing(failureClass);
      };
      await inserter.insert('trades', rowsUpTo(100));
      expect(inAll(clickhouse.done)).toEqual(range(100));
      expect(inserter.rejects).toEqual([]);
      expect(logged.filter(({ event }) => event === 'insert_split')).toHaveLength(4);
    },
  );

  test('is not tried again at a size that was too large', async () => {
    const { clickhouse, inserter } = setUp();
    clickhouse.answer = (request) => {
      if (numbersIn(request).length > 10) throw failing('size');
    };
    await inserter.insert('trades', rowsUpTo(100));
    const refused = clickhouse.tried.filter((request) => !clickhouse.done.includes(request));
    expect(sizes(refused)).toEqual([100, 50, 25, 13]);
    await inserter.insert('trades', rowsUpTo(14));
    expect(sizes(clickhouse.tried.slice(-2))).toEqual([7, 7]);
    await inserter.insert('tickers', rowsUpTo(9));
    expect(sizes(clickhouse.tried.slice(-1))).toEqual([9]);
  });

  test('for its partitions is halved, and later inserts are tried whole', async () => {
    const { clickhouse, inserter } = setUp();
    clickhouse.answer = (_, nth) => {
      if (nth === 1) throw failing('too_many_partitions');
    };
    await inserter.insert('trades', rowsUpTo(10));
    await inserter.insert('trades', rowsUpTo(10));
    expect(sizes(clickhouse.done)).toEqual([5, 5, 10]);
  });

  test('for one block of the server is cut before it is sent', async () => {
    const { clickhouse, inserter } = setUp();
    const one = rowNo(1);
    await inserter.insert(
      'trades',
      Array.from({ length: INSERT_MAX_ROWS + 1 }, () => one),
    );
    expect(clickhouse.tried).toHaveLength(2);
    expect(clickhouse.tried.reduce((bytes, { payload }) => bytes + payload.length, 0)).toBe(4 * (INSERT_MAX_ROWS + 1));
  });

  test('as a single row among others is set aside', async () => {
    const { clickhouse, inserter } = setUp();
    clickhouse.answer = (request) => {
      if (numbersIn(request).includes(1)) throw failing('memory_query');
    };
    await inserter.insert('trades', rowsUpTo(9));
    expect(inAll(clickhouse.done)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    expect(inserter.rejects.map(({ frame_no }) => frame_no)).toEqual([1]);
  });

  test.each([1, 3, 100])(
    'even row by row (%i of them) means that the limit is too small: the batch is held',
    async (rows) => {
      const { clickhouse, inserter } = setUp();
      clickhouse.answer = () => {
        throw failing('memory_query');
      };
      expect((await failureOfInsert(inserter, rowsUpTo(rows))).failure.class).toBe('memory_query');
      expect(clickhouse.tried.length).toBeLessThan(40);
    },
  );

  test('is not cut when an attempt before may have been done', async () => {
    const { clickhouse, inserter } = setUp();
    clickhouse.answer = (_, nth) => {
      throw failing(nth === 1 ? 'timeout' : 'memory_query');
    };
    expect((await failureOfInsert(inserter, rowsUpTo(8))).failure.class).toBe('memory_query');
    expect(new Set(clickhouse.tried.map(({ token }) => token)).size).toBe(1);
  });
});

describe('a row that ClickHouse refuses', () => {
  test('is set aside with its bytes and the reason, and the others are inserted', async () => {
    const { clickhouse, inserter, logged } = setUp();
    clickhouse.answer = (request) => {
      const at = numbersIn(request).indexOf(4);
      if (at >= 0) throw failing('data', { row: at + 1, clickhouseCode: 27 });
    };
    await inserter.insert('trades', rowsUpTo(9));
    expect(inAll(clickhouse.done)).toEqual([1, 2, 3, 5, 6, 7, 8, 9]);
    expect(inserter.rejects).toEqual([
      {
        block_id: 's:1-9',
        session_id: 's',
        frame_no: 4,
        recv_ts: 1_004,
        table: 'trades',
        reason: 'refused_by_clickhouse',
        detail: 'scripted data',
        raw: Buffer.from('raw 4'),
      },
    ]);
    const told = (): number => logged.filter(({ event }) => event === 'insert_dropped').length;
    expect(clickhouse.tried).toHaveLength(3);
    // Given up now, the batch would come again whole: nothing was dropped yet.
    expect(told()).toBe(0);
    clickhouse.answer = () => undefined;
    await inserter.insert('rejects', rowsUpTo(1));
    expect(told()).toBe(1);
  });

  test('is not believed to be the one that the server names until it fails alone', async () => {
    const { clickhouse, inserter } = setUp();
    clickhouse.answer = (request) => {
      if (numbersIn(request).includes(4)) throw failing('data', { row: 1 });
    };
    await inserter.insert('trades', rowsUpTo(6));
    expect(ascending(inAll(clickhouse.done))).toEqual([1, 2, 3, 5, 6]);
    expect(inserter.rejects.map(({ frame_no }) => frame_no)).toEqual([4]);
  });

  test('is not looked for when an attempt before may have been done', async () => {
    const { clickhouse, inserter } = setUp();
    clickhouse.answer = (_, nth) => {
      throw nth === 1 ? failing('connection_lost') : failing('data', { row: 1 });
    };
    await failureOfInsert(inserter, rowsUpTo(8));
    expect(inserter.rejects).toEqual([]);
    expect(new Set(clickhouse.tried.map(({ token }) => token)).size).toBe(1);
  });

  test('is found among any others, named or not: each good row lands once, each bad one is set aside once', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 8 }),
        fc.boolean(),
        async (n, bad, named) => {
          const { clickhouse, inserter } = setUp();
          clickhouse.answer = (request) => {
            const at = numbersIn(request).findIndex((number) => bad.includes(number));
            if (at >= 0) throw failing('data', named ? { row: at + 1 } : {});
          };
          await inserter.insert('trades', rowsUpTo(n));
          expect(ascending(inAll(clickhouse.done))).toEqual(range(n).filter((number) => !bad.includes(number)));
          expect(ascending(inserter.rejects.map(({ frame_no }) => frame_no))).toEqual(
            ascending(bad.filter((number) => number <= n)),
          );
        },
      ),
    ));

  test('is one of few: where all are refused the table is bad, and the batch is held', async () => {
    const { clickhouse, inserter } = setUp();
    clickhouse.answer = () => {
      throw failing('data', { row: 1 });
    };
    expect((await failureOfInsert(inserter, rowsUpTo(2_000))).failure.class).toBe('data');
    expect(clickhouse.tried.length).toBeLessThanOrEqual(REFUSALS_MAX + 1);
  });

  test.each(['rejects', 'blocks'] as const)('in %s is never set aside: the batch is held', async (table) => {
    const { clickhouse, inserter } = setUp();
    clickhouse.answer = () => {
      throw failing('data', { row: 1 });
    };
    await expect(inserter.insert(table, rowsUpTo(3))).rejects.toBeInstanceOf(TableFailure);
    expect(inserter.rejects).toEqual([]);
  });
});
