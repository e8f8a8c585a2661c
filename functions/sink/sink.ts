import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { TABLES, type TableName } from '../../core/contract/names.ts';
import { classify } from '../../core/failure/classify.ts';
import { whatFailed } from '../../core/logging/what-failed.ts';
import type { Block } from '../../core/tape/block.ts';
import { type BlockRows, type Reject, rowsOf } from '../../core/tape/rows.ts';
import { type InsertBounds, Inserter, type InserterPorts, type Inserts, TableFailure } from './inserter.ts';
import { type Queries, standingOf, withoutThere } from './ledger.ts';
import { type Delivery, readRecord } from './records.ts';
import { blockRow, type EncodedRow, frameRow, jsonRow, recordReject, rejectRow } from './table-rows.ts';
import { unknownRunHoles } from './unknown-run.ts';

export interface SinkPorts extends InserterPorts {
  readonly clickhouse: Inserts & Queries;
  /** Counts for the metrics of one batch. */
  readonly onLanded: (landed: Landed) => void;
}

export interface Landed {
  readonly blocks: number;
  readonly duplicates: number;
  readonly frames: number;
  readonly rows: number;
  readonly rejects: number;
  readonly unknownTypes: number;
  /** Age of the oldest frame when the batch was in, seconds. */
  readonly ingest_lag_sec: number;
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
    let landed: ReadonlySet<string> = new Set();
    try {
      const standing = await standingOf(this.#ports.clickhouse, blocksOf(deliveries));
      landed = standing.landed;
      await this.#land(deliveries, standing, invocation, startedAt);
      return { batchItemFailures: [] };
    } catch (error) {
      const failure = error instanceof TableFailure ? error.failure : classify(error);
      this.#ports.log('sink_batch_failed', {
        aws_request_id: invocation.requestId,
        records: deliveries.length,
        blocks: blocksOf(deliveries).length,
        table: error instanceof TableFailure ? error.table : '',
        duration_ms: Math.round(this.#ports.clock.now() - startedAt),
        ...whatFailed(failure),
      });
      const first = deliveries.find(({ content }) => !('block' in content) || !landed.has(content.block.header.block_id));
      return { batchItemFailures: first === undefined ? [] : [{ itemIdentifier: first.sequence_number }] };
    }
  }

  async #land(
    deliveries: readonly Delivery[],
    standing: { readonly landed: ReadonlySet<string>; readonly torn: ReadonlySet<string> },
    { requestId, remainingMs }: Invocation,
    startedAt: number,
  ): Promise<void> {
    const { clickhouse, log } = this.#ports;
    const batch = gather(deliveries, standing.landed);
    const inserter = new Inserter(this.#ports, this.#bounds, requestId, startedAt + remainingMs - ANSWER_RESERVE_MS);
    const rejects = [...batch.rejects];
    for (const { delivery, fault } of batch.undecodable) {
      rejects.push(recordReject(delivery, fault));
      const { shard_id, sequence_number, bytes } = delivery;
      const about = { aws_request_id: requestId, shard_id, sequence_number, reason: fault, bytes: bytes.length };
      log('record_rejected', about);
    }
    for (const gap of await unknownRunHoles(clickhouse, batch.blocks.map(({ block }) => block))) batch.add('gaps', gap);

    let rows = 0;
    for (const table of TABLES) {
      if (table === 'rejects' || table === 'blocks') continue;
      const missing = await withoutThere(clickhouse, table, batch.rows(table), standing.torn);
      await inserter.insert(table, missing);
      rows += missing.length;
    }
    rejects.push(...inserter.rejects);
    await inserter.insert('rejects', rejects.map(rejectRow));
    await inserter.insert('blocks', batch.rows('blocks'));

    this.#report(batch, rejects, rows, standing.torn.size, { requestId, records: deliveries.length, startedAt });
  }

  #report(
    batch: Batch,
    rejects: readonly Reject[],
    rows: number,
    torn: number,
    about: { readonly requestId: string; readonly records: number; readonly startedAt: number },
  ): void {
    const { clock, log, onLanded } = this.#ports;
    const aws_request_id = about.requestId;
    for (const { block, rejects: own, drift } of batch.blocks) {
      const { block_id } = block.header;
      const [first] = own;
      if (first !== undefined) {
        const { reason, detail } = first;
        log('frames_rejected', { aws_request_id, block_id, rejects: own.length, reason, detail });
      }
      if (drift.length > 0) {
        const named = drift.slice(0, MAX_DRIFT_LOGGED);
        log('schema_drift', { aws_request_id, block_id, count: drift.length, drift: named });
      }
    }
    const frames = batch.rows('frames').length;
    const oldest = Math.min(...batch.blocks.map(({ block }) => block.header.first_recv_ts));
    const ingest_lag_sec = batch.blocks.length === 0 ? 0 : Math.round(clock.now() - oldest / 1_000) / 1_000;
    const counts = {
      blocks: batch.blocks.length,
      duplicates: batch.duplicates,
      frames,
      rows: rows - frames,
      rejects: rejects.length,
      ingest_lag_sec,
    };
    log('sink_batch', {
      aws_request_id,
      records: about.records,
      torn,
      duration_ms: Math.round(clock.now() - about.startedAt),
      ...counts,
    });
    onLanded({ ...counts, unknownTypes: batch.blocks.reduce((total, { unknownTypes }) => total + unknownTypes, 0) });
  }
}

/** What a batch brings that is not landed yet, table by table, in the order it came. */
class Batch {
  readonly blocks: BlockRows[] = [];
  readonly rejects: Reject[] = [];
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
    batch.blocks.push(made);
    batch.rejects.push(...made.rejects);
    for (const frame of made.frames) batch.add('frames', frameRow(block_id, frame));
    for (const { table, row, frame_no, recv_ts, raw } of made.rows) {
      batch.add(table, jsonRow(row, { block_id, session_id, frame_no, recv_ts, raw }));
    }
    batch.add('blocks', blockRow(made, delivery));
  }
  return batch;
}

function blocksOf(deliveries: readonly Delivery[]): Block[] {
  return deliveries.flatMap(({ content }) => ('block' in content ? [content.block] : []));
}
