import { EVENTS, type EventEntry, type EventName, type Level } from './events.ts';
import type { FieldName, FieldValue } from './fields.ts';

type Required<E extends EventName> = (typeof EVENTS)[E]['fields'][number];
type Optional<E extends EventName> = (typeof EVENTS)[E] extends { readonly optional: readonly (infer F)[] } ? F : never;

/** The fields that an event must and may carry: a wrong or missing one does not compile. */
export type FieldsOf<E extends EventName> = { readonly [F in Required<E>]: FieldValue<F> } & {
  readonly [F in Optional<E> & FieldName]?: FieldValue<F> | undefined;
};

/** Logs one catalogued event. The level is the event's own. */
export type EventLog = <E extends EventName>(event: E, fields: FieldsOf<E>) => void;

/** What a program's writer gets: `fields` holds component and event too. */
export type WriteEvent = (level: Level, event: EventName, fields: Readonly<Record<string, unknown>>) => void;

export function eventLog(write: WriteEvent): EventLog {
  return (event, fields) => {
    const entry: EventEntry = EVENTS[event];
    write(entry.level, event, { component: entry.component, event, ...fields });
  };
}

const LEVEL_ORDER: readonly Level[] = ['DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL'];

export function isLogged(level: Level, lowest: Level): boolean {
  return LEVEL_ORDER.indexOf(level) >= LEVEL_ORDER.indexOf(lowest);
}

/** Tickers that a log line names; the count beside them says how many there are. */
export const MAX_TICKERS_LOGGED = 5;

export function firstTickers(tickers: readonly string[]): readonly string[] {
  return tickers.slice(0, MAX_TICKERS_LOGGED);
}
