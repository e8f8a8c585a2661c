import type { KinesisStreamRecord } from 'aws-lambda';
import { closedMarker, gapClosed, gapMarker, openedMarker, subscribedMarker, TestTape } from '../../support/blocks.ts';
import { deltaText, lifecycleText, snapshotText, tickerText, tradeText } from '../../support/blocks-frames.ts';
import { kinesisRecord, SHARD } from '../../support/kinesis-event.ts';
import type { Counts } from './warehouse.ts';

/** 2026-11-23T23:59:59.990Z: the second block lies across midnight, where an insert is two parts. */
const BEFORE_MIDNIGHT_US = 1_795_478_399_990_000;

export interface Story {
  readonly session_id: string;
  /** Seven records of which the sixth is no block. */
  readonly records: readonly KinesisStreamRecord[];
  readonly poison: { readonly block_id: string; readonly bytes: Buffer };
}

/** A small session with rows for every table, told `n` times with nothing in common. */
export function story(n: number): Story {
  const name = n.toString(16).padStart(6, '0');
  const session_id = `20261123T235959990-${name}`;
  const market = `KX${name}-1`;
  const tape = new TestTape({ session_id, start_us: BEFORE_MIDNIGHT_US });
  const blocks: Buffer[] = [];
  const cut = () => blocks.push(tape.cut().record);

  tape.marker(openedMarker({ opened_ts: BEFORE_MIDNIGHT_US }));
  tape.marker(subscribedMarker(1, [market]));
  cut();
  tape.frame(snapshotText(market, 1, 1, { yes: [['0.4000', '10.00']], no: [['0.5000', '7.25']] }));
  for (let seq = 2; seq <= 12; seq++)
    tape.frame(deltaText(market, 1, seq, { ts_us: BEFORE_MIDNIGHT_US + seq * 1_000 }));
  cut();
  tape.frame(tradeText(market, 2, 1, `trade-${name}-1`));
  tape.frame(tickerText(market, 3));
  tape.frame(Buffer.from([0x7b, 0xff, 0x00, 0x0a, 0x0a, 0x7d]), undefined, 'binary');
  tape.frame(deltaText(market, 1, 13, { price: '1.2000' }));
  cut();
  const gap = gapMarker(`${session_id}:g1`, { markets: [market] });
  tape.marker(gap);
  tape.frame(lifecycleText(market, 4, 1));
  tape.frame(deltaText(market, 1, 16));
  cut();
  tape.frame(snapshotText(market, 5, 1));
  tape.marker(gapClosed(gap, BEFORE_MIDNIGHT_US + 40_000));
  cut();
  blocks.push(Buffer.from([0x00, 0xff, 0x0a, 0x0a, 0x5c, n & 0xff]));
  tape.frame(tradeText(market, 2, 2, `trade-${name}-2`));
  tape.marker(closedMarker({ opened_ts: BEFORE_MIDNIGHT_US }));
  cut();
  const records = blocks.map((data, index) => kinesisRecord(n * 100 + index, data));
  return {
    session_id,
    records,
    poison: { block_id: `record:${SHARD}:${records[5]!.kinesis.sequenceNumber}`, bytes: blocks[5]! },
  };
}

/**
 * What a session of `story` is in the warehouse, without the record that is no block. Of sessions and gaps the engine
 * keeps the newest version only where two come in one insert, so their plain count depends on how the batches were cut.
 */
export const WHOLE: Omit<Counts, 'sessions' | 'gaps'> = {
  frames: 20,
  orderbook_snapshots: 2,
  orderbook_deltas: 12,
  trades: 2,
  tickers: 1,
  lifecycle: 1,
  subscriptions: 1,
  rejects: 2,
  blocks: 6,
};
