import { type FailureClass } from '../../../core/failure/classes.ts';
import { type FailureDetails, failureOf } from '../../../core/failure/failure.ts';
import { eventLog } from '../../../core/logging/event-log.ts';
import type { EventName } from '../../../core/logging/events.ts';
import type { InsertRequest } from '../../../functions/sink/clickhouse.ts';
import type { InserterPorts, Inserts } from '../../../functions/sink/inserter.ts';
import type { Queries } from '../../../functions/sink/ledger.ts';
import type { EncodedRow } from '../../../functions/sink/table-rows.ts';

/** What the port throws, as the real one does: an error that carries its failure. */
export function failing(failureClass: FailureClass, details: FailureDetails = {}): Error {
  return Object.assign(new Error(failureClass), {
    failure: failureOf(failureClass, `scripted ${failureClass}`, details),
  });
}

/** ClickHouse by script: `answer` sees each insert before it counts as done, and throws where it is to fail. */
export class ScriptedClickHouse implements Inserts, Queries {
  readonly tried: InsertRequest[] = [];
  readonly done: InsertRequest[] = [];
  readonly asked: { readonly sql: string; readonly params: Readonly<Record<string, unknown>> }[] = [];
  answer: (request: InsertRequest, nth: number) => void = () => undefined;
  rowsFor: (sql: string, params: Readonly<Record<string, unknown>>) => readonly unknown[] = () => [];

  insert(request: InsertRequest): Promise<{ readonly elapsedMs: number }> {
    this.tried.push(request);
    return attempt(() => {
      this.answer(request, this.tried.length);
      this.done.push(request);
      return { elapsedMs: 1 };
    });
  }

  query<T>(sql: string, params: Readonly<Record<string, unknown>>): Promise<T[]> {
    this.asked.push({ sql, params });
    return attempt(() => [...this.rowsFor(sql, params)] as T[]);
  }
}

/** Time that passes only where somebody sleeps. */
class TestClock {
  ms = 1_795_428_000_000;
  readonly slept: number[] = [];
  readonly now = (): number => this.ms;
  readonly sleep = (ms: number): Promise<void> => {
    this.slept.push(ms);
    this.ms += ms;
    return Promise.resolve();
  };
}

interface Logged {
  readonly level: string;
  readonly event: EventName;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function scriptedPorts() {
  const clickhouse = new ScriptedClickHouse();
  const clock = new TestClock();
  const logged: Logged[] = [];
  const log = eventLog((level, event, fields) => logged.push({ level, event, fields }));
  const ports = { clickhouse, clock, log, random: () => 0.5 } satisfies InserterPorts;
  return { clickhouse, clock, logged, ports };
}

/** A row whose bytes are its number and a newline. */
export function rowNo(n: number): EncodedRow {
  const source = { block_id: 's:1-9', session_id: 's', frame_no: n, recv_ts: 1_000 + n, raw: Buffer.from(`raw ${n}`) };
  return { source, cells: [n], bytes: Buffer.from(`[${n}]\n`) };
}

export function rowsUpTo(n: number): EncodedRow[] {
  return Array.from({ length: n }, (_, index) => rowNo(index + 1));
}

/** The numbers in a payload of such rows. */
export function numbersIn({ payload }: Pick<InsertRequest, 'payload'>): number[] {
  return payload
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as number[])[0]!);
}

function attempt<T>(make: () => T): Promise<T> {
  return new Promise((resolve) => resolve(make()));
}
