import type { KinesisStreamRecord } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TABLES } from '../../../core/contract/names.ts';
import type { SinkPorts } from '../../../functions/sink/sink.ts';
import { failing } from '../../functions/sink/scripted-clickhouse.ts';
import { type Story, story, WHOLE } from './story.ts';
import { ALL_WELL, sinkOver, startWarehouse, type TestWarehouse } from './warehouse.ts';

let warehouse: TestWarehouse;
let stories = 0;
const nextStory = (): Story => story(++stories);

beforeAll(async () => {
  warehouse = await startWarehouse();
});
afterAll(() => warehouse.stop());

const deliver = (records: readonly KinesisStreamRecord[]) => sinkOver(warehouse.port).deliver(records);

/** Every table's rows of the story, plain counted; then that versions of one session or hole are not there twice. */
async function expectWhole({ session_id, poison }: Story): Promise<void> {
  const ofSession = `session_id = '${session_id}'`;
  expect(await warehouse.counts(ofSession)).toEqual({
    ...WHOLE,
    sessions: expect.any(Number),
    gaps: expect.any(Number),
  });
  const [versions] = await warehouse.rows(
    `SELECT (SELECT count() - uniqExact(row_version) FROM sessions WHERE ${ofSession}) AS sessions_twice,
            (SELECT count() - uniqExact(row_version) FROM gaps WHERE ${ofSession}) AS gaps_twice,
            (SELECT (count(), any(close_reason)) FROM sessions FINAL WHERE ${ofSession}) AS session,
            (SELECT (count(), any(repair)) FROM gaps FINAL WHERE ${ofSession}) AS gap`,
  );
  expect(versions).toEqual({
    sessions_twice: '0',
    gaps_twice: '0',
    session: ['1', 'shutdown'],
    gap: ['1', 'resubscribe'],
  });
  const [kept, ...others] = await warehouse.rows<{ raw: string }>(
    'SELECT hex(raw) AS raw FROM rejects WHERE block_id = {block_id:String}',
    { block_id: poison.block_id },
  );
  expect(kept?.raw).toBe(poison.bytes.toString('hex').toUpperCase());
  expect(others).toEqual([]);
}

/** The real port, except that insert number `nth` (from 0) of this attempt goes as told. */
function portFailingAt(nth: number, fail: (insert: () => Promise<unknown>) => Promise<never>): SinkPorts['clickhouse'] {
  let made = 0;
  return {
    query: (sql, params) => warehouse.port.query(sql, params),
    async insert(request) {
      if (made++ === nth) return fail(() => warehouse.port.insert(request));
      return warehouse.port.insert(request);
    },
  };
}

/** As a process that is killed: nothing after this insert is done, and nothing is retried. */
const killed = (): Promise<never> => Promise.reject(failing('aborted'));

describe('the same records delivered again', () => {
  test('change nothing: at once, later, one by one, in other batches', async () => {
    const told = nextStory();
    const { records } = told;
    expect(await deliver(records)).toEqual(ALL_WELL);
    await expectWhole(told);
    for (const batch of [records, records.slice(2), records.slice(0, 4), ...records.map((record) => [record])]) {
      expect(await deliver(batch)).toEqual(ALL_WELL);
    }
    await expectWhole(told);
  });

  test('twice within one batch are landed once', async () => {
    const told = nextStory();
    expect(await deliver([...told.records, ...told.records.filter((_, n) => n !== 5)])).toEqual(ALL_WELL);
    await expectWhole(told);
  });

  test('by two shards in turn are landed once', async () => {
    const [a, b] = [nextStory(), nextStory()];
    const mixed = a.records.flatMap((record, n) => [record, b.records[n]!]);
    for (let at = 0; at < mixed.length; at += 3) await deliver(mixed.slice(at, at + 3));
    await expectWhole(a);
    await expectWhole(b);
  });
});

/** frames, snapshots, deltas, trades, tickers, lifecycle, sessions, subscriptions, gaps, rejects, blocks. */
const INSERTS = TABLES.map((_, nth) => nth);

/** How the event source may cut what comes after a crash in a batch of the first six records. */
type Cut = (records: readonly KinesisStreamRecord[]) => KinesisStreamRecord[][];
const CUTS: readonly (readonly [name: string, cut: Cut, inserts: readonly number[]])[] = [
  ['the same batch', (all) => [all.slice(0, 6), all.slice(6)], INSERTS],
  ['a longer batch', (all) => [[...all]], INSERTS],
  ['shorter batches', (all) => [all.slice(0, 2), all.slice(2, 5), all.slice(5)], INSERTS],
  ['single records', (all) => all.map((record) => [record]), [1, 5, 10]],
];

describe.each(CUTS)('after a crash, %s', (_, cut, inserts) => {
  test.each(inserts.map((nth) => [nth, TABLES[nth]] as const))(
    'makes every table whole, plain counted, where insert %i (of %s) was not begun',
    async (nth) => {
      const told = nextStory();
      const { deliver: dying } = sinkOver(portFailingAt(nth, killed));
      const first = told.records.slice(0, 6);
      expect(await dying(first)).toEqual({ batchItemFailures: [{ itemIdentifier: first[0]!.kinesis.sequenceNumber }] });
      for (const batch of cut(told.records)) expect(await deliver(batch)).toEqual(ALL_WELL);
      await expectWhole(told);
    },
  );
});

test('a second crash while a torn batch is made whole leaves nothing twice either', async () => {
  for (const nth of [0, 3, 8, 10]) {
    const told = nextStory();
    await sinkOver(portFailingAt(nth, killed)).deliver(told.records.slice(0, 4));
    await sinkOver(portFailingAt(2, killed)).deliver(told.records.slice(0, 5));
    await sinkOver(portFailingAt(3, killed)).deliver(told.records);
    expect(await deliver(told.records)).toEqual(ALL_WELL);
    await expectWhole(told);
  }
});

describe('an insert that was done although its answer was lost', () => {
  const doneButLost = async (insert: () => Promise<unknown>): Promise<never> => {
    await insert();
    throw failing('connection_lost');
  };

  test.each(TABLES.map((table, nth) => [table, nth] as const))(
    'of %s is offered again and taken once',
    async (_, nth) => {
      const told = nextStory();
      const { deliver: unlucky, logged } = sinkOver(portFailingAt(nth, doneButLost));
      expect(await unlucky(told.records)).toEqual(ALL_WELL);
      expect(logged.filter(({ event }) => event === 'insert_retry')).toHaveLength(1);
      await expectWhole(told);
    },
  );

  test.each([['frames'], ['orderbook_deltas'], ['gaps'], ['rejects'], ['blocks']] as const)(
    'of %s until the invocation gave up is found by the next, however it is cut',
    async (table) => {
      const told = nextStory();
      const unlucky = sinkOver({
        query: (sql, params) => warehouse.port.query(sql, params),
        insert: (request) =>
          request.table === table ? doneButLost(() => warehouse.port.insert(request)) : warehouse.port.insert(request),
      });
      expect(await unlucky.deliver(told.records)).not.toEqual(ALL_WELL);
      for (const batch of [told.records.slice(0, 3), told.records.slice(3)])
        expect(await deliver(batch)).toEqual(ALL_WELL);
      await expectWhole(told);
    },
  );
});

test('a day later, when the server has forgotten every token, the same records change nothing', async () => {
  const [landed, torn] = [nextStory(), nextStory()];
  await deliver(landed.records);
  await sinkOver(portFailingAt(4, killed)).deliver(torn.records);
  // The last test of the file: the engine does not take up its log of tokens again.
  for (const table of TABLES) {
    const query = `ALTER TABLE kalshi.${table} MODIFY SETTING non_replicated_deduplication_window = 0`;
    await warehouse.server.client.command({ query });
  }
  for (const told of [landed, torn]) {
    expect(await deliver(told.records)).toEqual(ALL_WELL);
    await expectWhole(told);
  }
});
