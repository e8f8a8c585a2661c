import { fileURLToPath } from 'node:url';
import { createClient, type ClickHouseClient, ClickHouseLogLevel } from '@clickhouse/client';
import { DEFAULT_DATABASE } from '../core/contract/names.ts';
import { migrate } from '../sql/migrate/migrate.ts';

const SQL = fileURLToPath(new URL('../sql', import.meta.url));

/** Makes the database and its tables, or brings them up to date. */
export async function prepareWarehouse(url: string): Promise<void> {
  const client = createClient({ url });
  try {
    await migrate({ client, directory: SQL, log: () => undefined, database: DEFAULT_DATABASE, variant: 'mergetree' });
  } finally {
    await client.close();
  }
}

/** What the run's sessions have in the warehouse. */
export interface Landed {
  readonly frames: number;
  /** Different (session_id, frame_no) among them. */
  readonly distinct: number;
  readonly rows: Readonly<Record<string, number>>;
  readonly blocks: number;
  readonly distinctBlocks: number;
  readonly rejects: number;
  readonly gaps: number;
  readonly gapsOpen: number;
}

const COUNTED = [
  'orderbook_deltas',
  'orderbook_snapshots',
  'trades',
  'tickers',
  'lifecycle',
  'sessions',
  'gaps',
] as const;

/** The supervisor's own questions to ClickHouse, over the same HTTP port as everybody's. */
export class Warehouse {
  readonly #client: ClickHouseClient;

  constructor(url: string) {
    this.#client = createClient({ url, database: 'kalshi', log: { level: ClickHouseLogLevel.OFF } });
  }

  async framesOf(sessions: readonly string[]): Promise<number> {
    const [row] = await this.#query<{ frames: string }>(
      'SELECT toString(count()) AS frames FROM frames WHERE session_id IN {sessions:Array(String)}',
      sessions,
    );
    return Number(row?.frames ?? 0);
  }

  async landed(sessions: readonly string[]): Promise<Landed> {
    const [frames] = await this.#query<{ frames: string; distinct: string }>(
      `SELECT toString(count()) AS frames, toString(uniqExact(session_id, frame_no)) AS distinct FROM frames
         WHERE session_id IN {sessions:Array(String)}`,
      sessions,
    );
    const [blocks] = await this.#query<{ blocks: string; distinct: string; rejects: string }>(
      `SELECT toString(count()) AS blocks, toString(uniqExact(block_id)) AS distinct, toString(sum(rejects)) AS rejects
         FROM blocks WHERE session_id IN {sessions:Array(String)}`,
      sessions,
    );
    const [gaps] = await this.#query<{ gaps: string; open: string }>(
      `SELECT toString(count()) AS gaps, toString(countIf(to_ts IS NULL)) AS open FROM gaps FINAL
         WHERE session_id IN {sessions:Array(String)}`,
      sessions,
    );
    const rows: Record<string, number> = {};
    for (const table of COUNTED) {
      const [row] = await this.#query<{ rows: string }>(
        `SELECT toString(count()) AS rows FROM ${table} FINAL WHERE session_id IN {sessions:Array(String)}`,
        sessions,
      );
      rows[table] = Number(row?.rows ?? 0);
    }
    return {
      frames: Number(frames?.frames ?? 0),
      distinct: Number(frames?.distinct ?? 0),
      rows,
      blocks: Number(blocks?.blocks ?? 0),
      distinctBlocks: Number(blocks?.distinct ?? 0),
      rejects: Number(blocks?.rejects ?? 0),
      gaps: Number(gaps?.gaps ?? 0),
      gapsOpen: Number(gaps?.open ?? 0),
    };
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  async #query<T>(query: string, sessions: readonly string[]): Promise<T[]> {
    const answer = await this.#client.query({
      query,
      format: 'JSONEachRow',
      query_params: { sessions: [...sessions] },
    });
    return answer.json<T>();
  }
}
