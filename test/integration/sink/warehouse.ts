import { fileURLToPath } from 'node:url';
import type { KinesisStreamBatchResponse, KinesisStreamRecord } from 'aws-lambda';
import { TABLES, type TableName } from '../../../core/contract/names.ts';
import { eventLog } from '../../../core/logging/event-log.ts';
import type { EventName } from '../../../core/logging/events.ts';
import { Secret } from '../../../core/logging/secret.ts';
import { ClickHouse } from '../../../functions/sink/clickhouse.ts';
import { Sink, type SinkPorts } from '../../../functions/sink/sink.ts';
import { migrate } from '../../../sql/migrate/migrate.ts';
import { startTestClickHouse, type TestClickHouse } from '../../support/clickhouse.ts';
import { eventOf } from '../../support/kinesis-event.ts';

export type Counts = Readonly<Record<TableName, number>>;

/** The real engine with our tables, and the sink's own port to it. */
export interface TestWarehouse {
  readonly server: TestClickHouse;
  readonly port: ClickHouse;
  /** Plain count() of each table, without FINAL: a row too many is seen before any merge. `where` is SQL. */
  counts(where?: string): Promise<Counts>;
  rows<T>(sql: string, params?: Readonly<Record<string, unknown>>): Promise<T[]>;
  stop(): Promise<void>;
}

export const DATABASE = 'kalshi';

/** Merges are stopped unless told: they would hide rows that were inserted twice. */
export async function startWarehouse({ merges = false } = {}): Promise<TestWarehouse> {
  const server = await startTestClickHouse();
  const directory = fileURLToPath(new URL('../../../sql', import.meta.url));
  await migrate({ client: server.client, directory, variant: 'mergetree', database: DATABASE, log: () => undefined });
  for (const table of merges ? [] : TABLES)
    await server.client.command({ query: `SYSTEM STOP MERGES ${DATABASE}.${table}` });
  const port = portTo(server.url);
  const rows = <T>(sql: string, params: Readonly<Record<string, unknown>> = {}) =>
    port.query<T>(sql, params, { timeoutMs: 60_000 });
  return {
    server,
    port,
    rows,
    async counts(where = '1') {
      const parts = TABLES.map(
        (table) => `SELECT '${table}' AS name, toUInt32(count()) AS n FROM ${table} WHERE ${where}`,
      );
      const found = await rows<{ name: TableName; n: number }>(parts.join(' UNION ALL '));
      return Object.fromEntries(found.map(({ name, n }) => [name, n])) as Counts;
    },
    async stop() {
      await port.close();
      await server.stop();
    },
  };
}

export function portTo(url: string): ClickHouse {
  return new ClickHouse({
    CLICKHOUSE_URL: url,
    CLICKHOUSE_DATABASE: DATABASE,
    CLICKHOUSE_USER: 'default',
    CLICKHOUSE_PASSWORD: new Secret(''),
  });
}

interface LoggedEvent {
  readonly event: EventName;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The sink as it runs, its waits cut short. */
export function sinkOver(clickhouse: SinkPorts['clickhouse'], remainingMs = 60_000) {
  const logged: LoggedEvent[] = [];
  const log = eventLog((_, event, fields) => logged.push({ event, fields }));
  const clock = { now: () => performance.now() + Date.parse('2026-11-23T10:00:05Z'), sleep: () => Promise.resolve() };
  const ports: SinkPorts = { clickhouse, log, clock, random: () => 0, onLanded: () => undefined };
  const sink = new Sink(ports, { attempts: 3, timeoutMs: 20_000 });
  const deliver = (records: readonly KinesisStreamRecord[]): Promise<KinesisStreamBatchResponse> =>
    sink.handle(eventOf(records), { requestId: 'test', remainingMs });
  return { deliver, logged };
}

export const ALL_WELL: KinesisStreamBatchResponse = { batchItemFailures: [] };
