import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateDeltas } from '../../../local/exchange/flood.ts';
import { Random } from '../../../local/exchange/random.ts';
import { TestTape } from '../../support/blocks.ts';
import { kinesisRecords } from '../../support/kinesis-event.ts';
import { ALL_WELL, sinkOver, startWarehouse, type TestWarehouse } from '../sink/warehouse.ts';

const DELTAS = 500_000;
const MARKETS = 200;
const MAX_BYTES_PER_ROW = 11;
const BLOCK_ROWS = 2_000;
const BATCH_BLOCKS = 17;

let warehouse: TestWarehouse;

beforeAll(async () => {
  warehouse = await startWarehouse({ merges: true });
});
afterAll(() => warehouse.stop());

/** The way from the exchange: 8 ms, and on top of it what is exponential with a mean of 0.7 ms. */
function latency_us(random: Random): number {
  return 8_000 + Math.round(-Math.log((random.below(1_000_000) + 1) / 1_000_000) * 700);
}

test(`a delta takes at most ${MAX_BYTES_PER_ROW} bytes on disk, over ${DELTAS} of ${MARKETS} markets`, async () => {
  const random = new Random(11);
  const tape = new TestTape();
  const { deliver } = sinkOver(warehouse.port);
  let batch: Buffer[] = [];
  let sent = 0;
  let recv_ts = 0;
  const send = async (): Promise<void> => {
    expect(await deliver(kinesisRecords(batch))).toEqual(ALL_WELL);
    sent += batch.length;
    batch = [];
  };
  for (const text of generateDeltas(3, DELTAS, { markets: MARKETS })) {
    const [, second, fraction = ''] = /"ts":"([^".Z]+)\.?(\d*)Z"/.exec(text)!;
    const ts = Date.parse(`${second!}Z`) * 1_000 + Number(fraction.padEnd(6, '0'));
    recv_ts = tape.frame(text, Math.max(recv_ts + 1, ts + latency_us(random)));
    if (tape.frames % BLOCK_ROWS === 0) batch.push(tape.cut().record);
    if (batch.length === BATCH_BLOCKS) await send();
  }
  await send();
  expect(sent).toBe(DELTAS / BLOCK_ROWS);

  await warehouse.server.client.command({ query: 'OPTIMIZE TABLE kalshi.orderbook_deltas FINAL' });
  const [row] = await warehouse.rows<{ rows: string; bytes: string }>(
    `SELECT sum(rows) AS rows, sum(data_compressed_bytes) AS bytes FROM system.parts
      WHERE database = currentDatabase() AND table = 'orderbook_deltas' AND active`,
  );
  expect(Number(row?.rows)).toBe(DELTAS);
  const bytesPerRow = Number(row?.bytes) / DELTAS;
  process.stdout.write(`orderbook_deltas: ${bytesPerRow.toFixed(2)} bytes a row\n`);
  expect(bytesPerRow).toBeLessThanOrEqual(MAX_BYTES_PER_ROW);
});
