import { Execution, type LogEvent, type QueryResult, type RunOptions } from './execution.ts';
import { parseQuery } from './parse-query.ts';

export interface CompiledQuery {
  readonly text: string;
  readonly run: (events: Iterable<LogEvent>, options?: RunOptions) => QueryResult;
  /** A run that takes its events by and by. */
  readonly start: (options?: RunOptions) => Execution;
}

/** Throws InsightsError where any part of the query is not evaluated. */
export function compileQuery(text: string): CompiledQuery {
  const commands = parseQuery(text);
  const start = (options: RunOptions = {}): Execution => new Execution(text, commands, options);
  // Whatever cannot be evaluated is found now, not when the first event comes.
  start();
  return {
    text,
    start,
    run: (events, options) => {
      const execution = start(options);
      for (const event of events) execution.event(event);
      return execution.finish();
    },
  };
}
