import { TABLES } from '../../core/contract/names.ts';
import { classify } from '../../core/failure/classify.ts';
import type { EventLog, FieldsOf } from '../../core/logging/event-log.ts';
import { whatFailed } from '../../core/logging/what-failed.ts';
import type { Deadline, Question } from './clickhouse.ts';
import { type Arrivals, arrivals, DISKS, newestBlock, PARTS } from './questions.ts';

export interface ProbePorts {
  readonly clickhouse: Questions;
  readonly log: EventLog;
  /** Milliseconds, of a clock that only goes forward. */
  readonly now: () => number;
  /** Seconds by which the warehouse is looked at from later on; 0 outside of tests. */
  readonly laterSec?: number;
}

interface Questions {
  ask<T>(question: Question<T>, deadline: Deadline): Promise<T>;
}

/** What a field says that nobody may know: the user may not read the system table, or it did not answer. */
const UNKNOWN = -1;
/** No block has ever landed. */
const NEVER = -1;
const BYTES_PER_MB = 1e6;

/** Asks once and logs one line: how the warehouse is, or why it did not answer. Never rejects; takes `timeoutMs` at most. */
export async function probe(ports: ProbePorts, timeoutMs: number): Promise<void> {
  const { log, now } = ports;
  const startedAt = now();
  const duration_ms = (): number => Math.round(now() - startedAt);
  const signal = AbortSignal.timeout(timeoutMs);
  const deadline = (): Deadline => ({ leftMs: timeoutMs - (now() - startedAt), signal });
  // The system tables are asked beside the others and waited for in any case: nothing runs on when Lambda freezes us.
  const server = serverOf(ports.clickhouse, deadline());
  try {
    const landed = await landedOf(ports, deadline);
    log('warehouse_heartbeat', { ...landed, ...(await server), duration_ms: duration_ms() });
  } catch (error) {
    await server;
    log('probe_failed', { duration_ms: duration_ms(), ...whatFailed(classify(error)) });
  }
}

type Heartbeat = FieldsOf<'warehouse_heartbeat'>;
type Landed = Pick<Heartbeat, 'rows_ingested_last_5m' | 'newest_row_age_sec' | 'end_to_end_lag_sec' | 'gaps_open'>;
type Server = Pick<Heartbeat, 'parts' | 'parts_per_partition_max' | 'disk_used_mb' | 'disk_free_mb'>;

async function landedOf({ clickhouse, laterSec }: ProbePorts, deadline: () => Deadline): Promise<Landed> {
  const found = await clickhouse.ask(arrivals(laterSec), deadline());
  const newest = found.blocks > 0 ? found : await clickhouse.ask(newestBlock(laterSec), deadline());
  return {
    rows_ingested_last_5m: rowsByTable(found),
    newest_row_age_sec: newest.blocks > 0 ? round(newest.newest_row_age_sec) : NEVER,
    end_to_end_lag_sec: found.blocks > 0 ? round(found.end_to_end_lag_sec) : 0,
    gaps_open: found.gaps_open,
  };
}

/** Every table by name, so that none is missing where nothing came. A block's own row is the block. */
function rowsByTable({ table_rows, blocks }: Arrivals): Readonly<Record<string, number>> {
  return Object.fromEntries(TABLES.map((table) => [table, table === 'blocks' ? blocks : (table_rows[table] ?? 0)]));
}

/** Never rejects: what is forbidden or fails is not known, and the rest is told all the same. */
async function serverOf(clickhouse: Questions, deadline: Deadline): Promise<Server> {
  const known = <T>(question: Question<T>): Promise<T | undefined> =>
    clickhouse.ask(question, deadline).catch(() => undefined);
  const [parts, disks] = await Promise.all([known(PARTS), known(DISKS)]);
  return {
    parts: parts?.parts ?? UNKNOWN,
    parts_per_partition_max: parts?.parts_per_partition_max ?? UNKNOWN,
    disk_used_mb: parts === undefined ? UNKNOWN : megabytes(parts.disk_used_bytes),
    disk_free_mb: disks === undefined ? UNKNOWN : megabytes(disks.disk_free_bytes),
  };
}

function megabytes(bytes: number): number {
  return round(bytes / BYTES_PER_MB);
}

/** To three decimals. */
function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
