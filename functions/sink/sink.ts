import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { TABLES, type TableName } from '../../core/contract/names.ts';
import { classify } from '../../core/failure/classify.ts';
import { whatFailed } from '../../core/logging/what-failed.ts';
import type { Block } from '../../core/tape/block.ts';
import { type BlockRows, type Reject, rowsOf } from '../../core/tape/rows.ts';
import {
  type BatchNamed,
  type InsertBounds,
  Inserter,
  type InserterPorts,
  type Inserts,
  TableFailure,
} from './inserter.ts';
import { type Queries, type Standing, standingOf, withoutThere } from './ledger.ts';
import { type Delivery, readRecord } from './records.ts';
import type { Landed } from './summary.ts';
import { blockRow, type EncodedRow, frameRow, jsonRow, recordReject, rejectRow } from './table-rows.ts';
import { unknownRunHoles } from './unknown-run.ts';

export interface SinkPorts extends InserterPorts {
  readonly clickhouse: Inserts & Queries;
  /** A batch is in ClickHouse, whole. */
  readonly onLanded: (landed: Landed) => void;
}

export interface Invocation {
  readonly requestId: string;
  /** Milliseconds until Lambda ends the invocation. */
  readonly remainingMs: number;
}

/** Kept back from the invocation's time, for the answer itself. */
const ANSWER_RESERVE_MS = 2_000;
/** Drift entries that one log line names. */
const MAX_DRIFT_LOGGED = 10;

/** Lands batches of blocks in ClickHouse. All tables of a batch, then `blocks`: what is there is whole. */
export class Sink {
  readonly #ports: SinkPorts;
  readonly #bounds: InsertBounds;

  constructor(ports: SinkPorts, bounds: InsertBounds) {
    this.#ports = ports;
    this.#bounds = bounds;
  }

  /** Answers with the first record that is not committed, so that the event source delivers from there again. */
  async handle(event: KinesisStreamEvent, invocation: Invocation): Promise<KinesisStreamBatchResponse> {
    const startedAt = this.#ports.clock.now();
    const deliveries = event.Records.map(readRecord);
    const blocks = blocksOf(deliveries);
    const named = { aws_request_id: invocation.requestId, block_id: blocks[0]?.header.block_id };
    let landed: ReadonlySet<string> = new Set();
    try {
      const standing = await standingOf(this.#ports.clickhouse, blocks);
      landed = standing.landed;
      await this.#land(deliveries, standing, named, invocation.remainingMs, startedAt);
      return { batchItemFailures: [] };
    } catch (error) {
      const failure = error instanceof TableFailure ? error.failure : classify(error);
      this.#ports.log('sink_batch_failed', {
        ...named,
        records: deliveries.length,
        blocks: blocks.length,
        table: error instanceof TableFailure ? error.table : '',
        duration_ms: Math.round(this.#ports.clock.now() - startedAt),
        ...whatFailed(failure),
      });
      const first = deliveries.find(
        ({ content }) => !('block' in content) || !landed.has(content.block.header.block_id),
      );
      return { batchItemFailures: first === undefined ? [] : [{ itemIdentifier: first.sequence_number }] };
    }
  }

  async #land(
    deliveries: readonly Delivery[],
    standing: Standing,
    named: BatchNamed,
    remainingMs: number,
    startedAt: number,
  ): Promise<void> {
    const { clickhouse, log } = this.#ports;
    const { aws_request_id } = named;
    const batch = gather(deliveries, standing.landed);
    const inserter = new Inserter(this.#ports, this.#bounds, named, startedAt + remainingMs - ANSWER_RESERVE_MS);
    const unreadable: Reject[] = [];
    for (const { delivery, fault } of batch.undecodable) {
      unreadable.push(recordReject(delivery, fault));
      const { shard_id, sequence_number, bytes } = delivery;
      const about = { aws_request_id, shard_id, sequence_number, reason: fault, bytes: bytes.length };
      log('record_rejected', about);
    }
    for (const table of TABLES) {
      if (table === 'rejects' || table === 'blocks') continue;
      if (table === 'gaps') await this.#addUnknownHoles(batch);
      await inserter.insert(table, await withoutThere(clickhouse, table, batch.rows(table), standing.doubtful));
    }
    const refused = inserter.rejects;
    const rejects = [...unreadable, ...batch.blocks.flatMap(({ made }) => made.rejects), ...refused];
    // A record that is no block has no row in `blocks` to tell that it was here before.
    const doubtful = standing.doubtful.union(new Set(unreadable.map(({ block_id }) => block_id)));
    await inserter.insert('rejects', await withoutThere(clickhouse, 'rejects', rejects.map(rejectRow), doubtful));
    await inserter.insert(
      'blocks',
      batch.blocks.map(({ made, delivery }) => blockRow(made, delivery, rejectsOf(made, refused), refused)),
    );

    this.#report(batch, rejects.length, refused.length, standing.torn.size, {
      named,
      deliveries,
      startedAt,
    });
  }

  async #addUnknownHoles(batch: Batch): Promise<void> {
    const blocks = batch.blocks.map(({ made }) => made.block);
    for (const hole of await unknownRunHoles(this.#ports.clickhouse, blocks)) batch.add('gaps', hole);
  }

  #report(
    batch: Batch,
    rejects: number,
    refused: number,
    torn: number,
    about: { readonly named: BatchNamed; readonly deliveries: readonly Delivery[]; readonly startedAt: number },
  ): void {
    const { clock, log, onLanded } = this.#ports;
    const { aws_request_id } = about.named;
    for (const { made } of batch.blocks) {
      const { block_id } = made.block.header;
      const [first] = made.rejects;
      if (first !== undefined) {
        const { reason, detail } = first;
        log('frames_rejected', { aws_request_id, block_id, rejects: made.rejects.length, reason, detail });
      }
      if (made.drift.length > 0) {
        const drift = made.drift.slice(0, MAX_DRIFT_LOGGED);
        log('schema_drift', { aws_request_id, block_id, count: made.drift.length, drift });
      }
    }
    const oldest = Math.min(...batch.blocks.map(({ made }) => made.block.header.first_recv_ts));
    const ingest_lag_sec = batch.blocks.length === 0 ? 0 : Math.round(clock.now() - oldest / 1_000) / 1_000;
    const counts = {
      aws_request_id,
      records: about.deliveries.length,
      blocks: batch.blocks.length,
      duplicates: batch.duplicates,
      torn,
      frames: batch.rows('frames').length,
      rows: batch.tableRows - refused,
      rejects,
      duration_ms: Math.round(clock.now() - about.startedAt),
      ingest_lag_sec,
    };
    log('sink_batch', { ...counts, ...about.named });
    onLanded({
      ...counts,
      newest_block_id: blocksOf(about.deliveries).at(-1)?.header.block_id,
      unknownTypes: batch.blocks.reduce((total, { made }) => total + made.unknownTypes, 0),
    });
  }
}

/** What a batch brings that is not landed yet, table by table, in the order it came. */
class Batch {
  readonly blocks: { readonly made: BlockRows; readonly delivery: Delivery }[] = [];
  readonly undecodable: { readonly delivery: Delivery; readonly fault: string }[] = [];
  duplicates = 0;
  readonly #rows = new Map<TableName, EncodedRow[]>();

  add(table: TableName, row: EncodedRow): void {
    const rows = this.#rows.get(table);
    if (rows === undefined) this.#rows.set(table, [row]);
    else rows.push(row);
  }

  rows(table: TableName): readonly EncodedRow[] {
    return this.#rows.get(table) ?? [];
  }

  /** Rows of all tables but `frames`. */
  get tableRows(): number {
    return [...this.#rows].reduce((total, [table, rows]) => total + (table === 'frames' ? 0 : rows.length), 0);
  }
}

function gather(deliveries: readonly Delivery[], landed: ReadonlySet<string>): Batch {
  const batch = new Batch();
  const seen = new Set(landed);
  for (const delivery of deliveries) {
    if ('fault' in delivery.content) {
      batch.undecodable.push({ delivery, fault: delivery.content.fault });
      continue;
    }
    const { block } = delivery.content;
    const { block_id, session_id } = block.header;
    if (seen.has(block_id)) {
      batch.duplicates++;
      continue;
    }
    seen.add(block_id);
    const made = rowsOf(block);
    batch.blocks.push({ made, delivery });
    for (const frame of made.frames) batch.add('frames', frameRow(block_id, frame));
    for (const { table, row, frame_no, recv_ts, raw } of made.rows) {
      batch.add(table, jsonRow(row, { block_id, session_id, frame_no, recv_ts, raw }));
    }
  }
  return batch;
}

function rejectsOf({ block, rejects }: BlockRows, refused: readonly Reject[]): number {
  return rejects.length + refused.filter(({ block_id }) => block_id === block.header.block_id).length;
}

function blocksOf(deliveries: readonly Delivery[]): Block[] {
  return deliveries.flatMap(({ content }) => ('block' in content ? [content.block] : []));
}
