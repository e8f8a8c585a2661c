import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InsertRequest } from '../../../functions/sink/clickhouse.ts';
import { FunctionProcess } from '../../../local/lambda/function-process.ts';
import { idOf, openedMarker, TestTape } from '../../support/blocks.ts';
import { deltaText, snapshotText, tradeText } from '../../support/blocks-frames.ts';
import { eventOf, kinesisRecord, kinesisRecords } from '../../support/kinesis-event.ts';
import { ALL_WELL, DATABASE, portTo, sinkOver, startWarehouse, type TestWarehouse } from './warehouse.ts';

let warehouse: TestWarehouse;
let sessions = 0;
const nextTape = (): TestTape =>
  new TestTape({ session_id: `20261123T100000000-${String(++sessions).padStart(6, '0')}` });
const countsOf = ({ session_id }: TestTape) => warehouse.counts(`session_id = '${session_id}'`);

beforeAll(async () => {
  warehouse = await startWarehouse();
});
afterAll(() => warehouse.stop());

test('an insert that is too large for the query’s memory lands in pieces, all of it and once', async () => {
  const tape = nextTape();
  const market = 'KXMEMORY-1';
  const blocks: Buffer[] = [];
  for (let seq = 1; seq <= 40_000; seq++) {
    tape.frame(deltaText(market, 1, seq), 1_795_428_000_000_000 + seq);
    if (seq % 5_000 === 0) blocks.push(tape.cut().record);
  }
  const tight = portTo(`${warehouse.server.url}?ch_max_memory_usage=12000000`);
  const { deliver, logged } = sinkOver(tight);
  expect(await deliver(kinesisRecords(blocks))).toEqual(ALL_WELL);
  await tight.close();
  const splits = logged.filter(({ event }) => event === 'insert_split');
  expect(splits.length).toBeGreaterThan(0);
  expect(
    splits.every(({ fields }) => fields['failure_class'] === 'memory_query' && fields['clickhouse_code'] === 241),
  ).toBe(true);
  expect(await countsOf(tape)).toMatchObject({ frames: 40_000, orderbook_deltas: 40_000, blocks: 8, rejects: 0 });
});

describe('a row that the real engine refuses', () => {
  test('by a constraint is found among the others and kept in rejects', async () => {
    await warehouse.server.client.command({
      query: `ALTER TABLE ${DATABASE}.trades ADD CONSTRAINT unlucky CHECK count != 13`,
    });
    const tape = nextTape();
    for (let seq = 1; seq <= 50; seq++) {
      const count = seq === 17 || seq === 44 ? '13.00' : '5.00';
      tape.frame(tradeText('KXCHECK-1', 2, seq, `t${seq}`, { count }));
    }
    const { deliver, logged } = sinkOver(warehouse.port);
    expect(await deliver([kinesisRecord(0, tape.cut().record)])).toEqual(ALL_WELL);
    expect(await countsOf(tape)).toMatchObject({ frames: 50, trades: 48, rejects: 2, blocks: 1 });
    const ofSession = `session_id = '${tape.session_id}'`;
    const kept = await warehouse.rows(
      `SELECT frame_no, table, reason, detail LIKE '%unlucky%' AS told,
              (frame_no, raw) IN (SELECT frame_no, raw FROM frames WHERE ${ofSession}) AS same_bytes
         FROM rejects WHERE ${ofSession} ORDER BY frame_no`,
    );
    const expected = { table: 'trades', reason: 'refused_by_clickhouse', told: 1, same_bytes: 1 };
    expect(kept).toEqual(['17', '44'].map((frame_no) => ({ frame_no, ...expected })));
    expect(await warehouse.rows(`SELECT rejects FROM blocks WHERE ${ofSession}`)).toEqual([{ rejects: 2 }]);
    expect(logged.filter(({ event }) => event === 'insert_dropped')).toHaveLength(2);
    await warehouse.server.client.command({ query: `ALTER TABLE ${DATABASE}.trades DROP CONSTRAINT unlucky` });
  });

  test('by its bytes is named by the engine, and delivered again changes nothing', async () => {
    const tape = nextTape();
    // Half of a surrogate pair is valid JSON to us and none to the engine.
    for (let seq = 1; seq <= 40; seq++)
      tape.frame(tradeText(seq === 31 ? 'KX\ud800-1' : 'KXTYPE-1', 2, seq, `u${seq}`));
    const record = kinesisRecord(0, tape.cut().record);
    const { deliver, logged } = sinkOver(warehouse.port);
    expect(await deliver([record])).toEqual(ALL_WELL);
    expect(await countsOf(tape)).toMatchObject({ frames: 40, trades: 39, rejects: 1, blocks: 1 });
    expect(logged.filter(({ event }) => event === 'insert_split')).toEqual([]);
    expect(await deliver([record])).toEqual(ALL_WELL);
    expect(await countsOf(tape)).toMatchObject({ frames: 40, trades: 39, rejects: 1, blocks: 1 });
  });

  test('because the table is not what we think holds the batch: nothing is committed, nothing set aside', async () => {
    await warehouse.server.client.command({ query: `RENAME TABLE ${DATABASE}.trades TO ${DATABASE}.trades_away` });
    const tape = nextTape();
    tape.frame(tradeText('KXAWAY-1', 2, 1, 'v1'));
    const record = kinesisRecord(0, tape.cut().record);
    const { deliver, logged } = sinkOver(warehouse.port);
    expect(await deliver([record])).not.toEqual(ALL_WELL);
    expect(logged.at(-1)).toMatchObject({
      event: 'sink_batch_failed',
      fields: { category: 'schema', table: 'trades' },
    });
    await warehouse.server.client.command({ query: `RENAME TABLE ${DATABASE}.trades_away TO ${DATABASE}.trades` });
    expect(await deliver([record])).toEqual(ALL_WELL);
    expect(await countsOf(tape)).toMatchObject({ frames: 1, trades: 1, rejects: 0, blocks: 1 });
  });
});

test('frames are kept byte for byte, whatever their bytes are', async () => {
  const tape = nextTape();
  const frames = [
    Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
    Buffer.from('\n\nINSERT INTO frames VALUES\n\n\\N\t\0'),
    Buffer.from([0xc3, 0x28, 0xed, 0xa0, 0x80]),
    Buffer.alloc(0),
    Buffer.from('{"type":"trade","sid":1,"seq":1,"msg":{"market_ticker":"\\ud800"}}'),
    Buffer.from(deltaText('KX\u0000\ud83d\ude00"\\-1', 1, 1)),
    Buffer.alloc(300_000, '\n'),
  ];
  for (const [n, raw] of frames.entries()) tape.frame(raw, undefined, n % 2 === 0 ? 'binary' : 'text');
  expect(await sinkOver(warehouse.port).deliver([kinesisRecord(0, tape.cut().record)])).toEqual(ALL_WELL);
  const kept = await warehouse.rows<{ kind: string; raw: string }>(
    `SELECT kind, hex(raw) AS raw FROM frames WHERE session_id = '${tape.session_id}' ORDER BY frame_no`,
  );
  expect(
    kept.map(({ raw }) => Buffer.from(raw, 'hex').equals(frames[kept.findIndex((one) => one.raw === raw)]!)),
  ).toEqual(frames.map(() => true));
  expect(kept.map(({ kind }) => kind)).toEqual(frames.map((_, n) => (n % 2 === 0 ? 'binary' : 'text')));
  const [named] = await warehouse.rows<{ market_ticker: string }>(
    `SELECT market_ticker FROM orderbook_deltas WHERE session_id = '${tape.session_id}'`,
  );
  expect(named?.market_ticker).toBe('KX\u0000\ud83d\ude00"\\-1');
});

test('a function that is killed in the middle of a batch leaves nothing that its successor does not put right', async () => {
  const tape = nextTape();
  tape.marker(openedMarker());
  tape.frame(snapshotText('KXKILL-1', 1, 1, { yes: [['0.4000', '5.00']] }));
  for (let seq = 2; seq <= 300; seq++) tape.frame(deltaText('KXKILL-1', 1, seq));
  const first = tape.cut();
  for (let seq = 1; seq <= 50; seq++) tape.frame(tradeText('KXKILL-1', 2, seq, `k${seq}`));
  const second = tape.cut();
  const records = kinesisRecords([first.record, second.record]);

  await using gate = await gateBefore(warehouse.server.url, 'trades');
  const sink = functionAt(gate.url);
  const killedInvocation = sink.invoke(eventOf(records));
  await gate.reached;
  expect(await countsOf(tape)).toMatchObject({ frames: 350, orderbook_deltas: 299, trades: 0, blocks: 0 });
  process.kill(sink.pid!, 'SIGKILL');
  expect(await killedInvocation).toMatchObject({ kind: 'function_error' });
  await sink.stop();

  const successor = functionAt(warehouse.server.url);
  expect(await successor.invoke(eventOf(records.slice(0, 1)))).toEqual({ kind: 'response', payload: ALL_WELL });
  expect(await successor.invoke(eventOf(records))).toEqual({ kind: 'response', payload: ALL_WELL });
  await successor.stop();
  const whole = {
    frames: 350,
    orderbook_snapshots: 1,
    orderbook_deltas: 299,
    trades: 50,
    sessions: 1,
    blocks: 2,
    rejects: 0,
  };
  expect(await countsOf(tape)).toMatchObject(whole);
  expect(
    await warehouse.rows(`SELECT block_id FROM blocks WHERE session_id = '${tape.session_id}' ORDER BY block_id`),
  ).toEqual([first, second].map((block) => ({ block_id: idOf(block) })));
});

function functionAt(url: string): FunctionProcess {
  return new FunctionProcess({
    functionName: 'sink',
    memoryLimitMb: 512,
    region: 'us-east-1',
    modulePath: fileURLToPath(new URL('../../../functions/sink/handler.ts', import.meta.url)),
    environment: { CLICKHOUSE_URL: url, CLICKHOUSE_DATABASE: DATABASE },
    timeoutMs: 30_000,
    onLine: () => undefined,
  });
}

const HOP_BY_HOP = ['host', 'connection', 'transfer-encoding'];

/** A proxy that never forwards an insert into the table, and says when one came. */
async function gateBefore(target: string, table: InsertRequest['table']) {
  let reach = (): void => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const server = createServer((request, response) => {
    const { url = '/', method = 'POST', headers } = request;
    if (url.includes(encodeURIComponent(`INSERT INTO \`${table}\``)) || url.includes(`INSERT+INTO+%60${table}%60`)) {
      reach();
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const kept = Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name));
      void fetch(new URL(url, target), {
        method,
        headers: Object.fromEntries(kept) as Record<string, string>,
        body: Buffer.concat(chunks),
      }).then(async (answer) => response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer())));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    reached,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
