import type { Session } from 'chdb';
import { Slots } from './slots.ts';
import type { Assignment } from './request.ts';

/**
 * What UV_THREADPOOL_SIZE must be in the environment of the process, set by its parent: Node reads it once, before any
 * of our code runs. A query holds a thread of that pool as long as it runs, and files and zlib need threads as well.
 */
export const CLICKHOUSE_THREADPOOL_SIZE = 16;
const QUERIES_RUNNING_MAX = CLICKHOUSE_THREADPOOL_SIZE - 4;
const QUERIES_WAITING_MAX = 256;

/** A result is held in memory as a whole; a user's own max_result_bytes takes its place. */
const RESULT_MAX_BYTES = 1_073_741_824;

/** chdb's own defaults differ from a server's here: `selec 1` would be a query for a column of that name. */
const SERVER_SETTINGS: readonly Assignment[] = [
  ['implicit_select', '0'],
  ['max_result_bytes', String(RESULT_MAX_BYTES)],
];

export interface EngineJob {
  readonly sql: string;
  /** Of the result, where the statement names none. */
  readonly format: string;
  readonly database: string | undefined;
  readonly parameters: readonly Assignment[];
  readonly settings: readonly Assignment[];
  readonly readOnly: boolean;
}

export interface EngineResult {
  readonly bytes: Uint8Array;
  /** For an INSERT from a file: rows and bytes written. */
  readonly rows: number;
  readonly rowBytes: number;
  readonly elapsed_sec: number;
}

/**
 * ClickHouse in this process. One process may have one data directory, and the directory one process (a file lock).
 * An anchor session keeps the engine up; beside it a session opens in 0.15 ms.
 */
export class Engine {
  readonly version: string;
  readonly timezone: string;
  readonly #open: () => Session;
  readonly #anchor: Session;
  readonly #slots = new Slots(QUERIES_RUNNING_MAX, QUERIES_WAITING_MAX);

  private constructor(open: () => Session, anchor: Session, version: string, timezone: string) {
    this.#open = open;
    this.#anchor = anchor;
    this.version = version;
    this.timezone = timezone;
  }

  /** Throws if another process has the directory. */
  static async open(dataDir: string): Promise<Engine> {
    // chdb is a dev dependency of 566 MB: nothing but the local stack may load it.
    const chdb = await import('chdb');
    const open = (): Session => new chdb.Session(dataDir);
    const anchor = open();
    const [version = '', timezone = ''] = (await anchor.queryAsync('SELECT version(), timezone()', { format: 'TSV' }))
      .text()
      .trim()
      .split('\t');
    return new Engine(open, anchor, version, timezone);
  }

  /** Queries that run or wait for their turn. */
  get running(): number {
    return this.#slots.taken;
  }

  newSession(): Session {
    return this.#open();
  }

  /** In a session of its own: settings, parameters and temporary tables end with it. */
  async run(job: EngineJob): Promise<EngineResult> {
    return this.#slots.run(async () => {
      const session = this.newSession();
      try {
        return await runIn(session, job);
      } finally {
        session.close();
      }
    });
  }

  /** In a session that lives on. Settings of the job are put back to their defaults; temporary tables stay. */
  async runInSession(session: Session, job: EngineJob): Promise<EngineResult> {
    return this.#slots.run(async () => {
      try {
        return await runIn(session, job);
      } finally {
        const reset = job.settings.map(([key]) => `${key} = DEFAULT`);
        if (reset.length > 0) await session.queryAsync(`SET ${reset.join(', ')}`).catch(() => undefined);
      }
    });
  }

  close(): void {
    this.#anchor.close();
  }
}

async function runIn(session: Session, job: EngineJob): Promise<EngineResult> {
  if (job.database !== undefined) await session.queryAsync(`USE ${quoteName(job.database)}`);
  await session.queryAsync(setStatement([...SERVER_SETTINGS, ...job.parameters, ...job.settings]));
  // Last: nothing can be set behind it. A client that asked for read-only by itself already has it.
  if (job.readOnly && !job.settings.some(([key, value]) => key === 'readonly' && value !== '0')) {
    await session.queryAsync(setStatement([['readonly', '2']]));
  }
  const result = await session.queryAsync(job.sql, { format: job.format });
  return { bytes: result.bytes(), rows: result.rowsRead, rowBytes: result.bytesRead, elapsed_sec: result.elapsed };
}

/** Keys were checked when the request was read. */
function setStatement(assignments: readonly Assignment[]): string {
  return `SET ${assignments.map(([key, value]) => `${key} = ${quoteString(value)}`).join(', ')}`;
}

export function quoteString(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function quoteName(text: string): string {
  return `\`${text.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}
