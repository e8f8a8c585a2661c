import type { Column, Command, CommandKind, Expression } from './ast.ts';
import { InsightsError } from './error.ts';
import { compileExpression, type Context } from './expression.ts';
import { MAX_ROWS } from './parse-query.ts';
import type { Evaluate, Sink } from './row.ts';
import { Scope } from './scope.ts';
import {
  assignStage,
  countStage,
  dedupStage,
  filterStage,
  limitStage,
  parseStage,
  sortStage,
  type Stage,
  unnestStage,
} from './stages.ts';
import { compileStats } from './stats.ts';

/** `stats` commands that Logs Insights takes in one query. */
const MAX_STATS = 2;

interface ResultColumn {
  readonly name: string;
  readonly slot: number;
}

/** A query that is ready to take rows of events. */
export interface Pipeline {
  /** The slots that a row of an event has to fill. */
  readonly events: Scope;
  readonly columns: readonly ResultColumn[];
  /** `onMatch` is called for every event that all filters let through. */
  readonly open: (next: Sink, onMatch: () => void) => Sink;
}

/** Throws InsightsError where commands stand in an order, or name what, Logs Insights does not take. */
export function buildPipeline(commands: readonly Command[], context: Context): Pipeline {
  return new PipelineBuilder(commands, context).build();
}

class PipelineBuilder {
  readonly #commands: readonly Command[];
  readonly #context: Context;
  readonly #events = new Scope(true);
  #scope = this.#events;
  #columns: ResultColumn[] | undefined;
  #parsed: ResultColumn[] = [];
  #display: readonly ResultColumn[] | undefined;
  /** Events come out newest first unless the query says otherwise; the lines of a stats as they were first seen. */
  #isOrdered = false;
  readonly #stages: Stage[] = [];
  /** Before this stage an event has passed the filters. */
  #matchedBefore = 0;

  constructor(commands: readonly Command[], context: Context) {
    this.#commands = commands;
    this.#context = context;
  }

  build(): Pipeline {
    this.#checkOrder();
    this.#commands.forEach((command, i) => this.#add(command, i));
    const columns = this.#resultColumns();
    this.#order(this.#commands.length);
    const stages = [...this.#stages, limitStage(MAX_ROWS)];
    const matchedBefore = this.#matchedBefore;
    return {
      events: this.#events,
      columns,
      open: (next, onMatch) => {
        const all = stages.toSpliced(matchedBefore, 0, countStage(onMatch));
        return all.reduceRight((sink, stage) => stage(sink), next);
      },
    };
  }

  #checkOrder(): void {
    const stats = this.#commands.filter(({ kind }) => kind === 'stats');
    const last = stats.at(-1);
    if (stats.length > MAX_STATS)
      throw this.#error(`more than ${MAX_STATS} stats are not supported`, stats[MAX_STATS]!);
    if (stats.length > 1) {
      const early = this.#commands
        .slice(0, this.#commands.indexOf(last!))
        .find(({ kind }) => kind === 'sort' || kind === 'limit');
      if (early !== undefined) throw this.#error(`${early.kind} must stand after the last stats`, early);
    }
    const dedup = this.#commands.findIndex(({ kind }) => kind === 'dedup');
    const after = dedup < 0 ? undefined : this.#commands.slice(dedup + 1).find(({ kind }) => kind !== 'limit');
    if (after !== undefined) throw this.#error('only limit can stand after dedup', after);
  }

  #add(command: Command, index: number): void {
    switch (command.kind) {
      case 'fields':
        this.#columns = onceEach([...(this.#columns ?? []), ...this.#assign(command.columns)]);
        return;
      case 'display':
        this.#display = onceEach(this.#assign(command.columns));
        return;
      case 'filter':
        this.#stages.push(filterStage(this.#compile(command.condition)));
        if (this.#scope === this.#events) this.#matchedBefore = this.#stages.length;
        return;
      case 'parse':
        return this.#parse(command);
      case 'sort':
        this.#isOrdered = true;
        this.#stages.push(
          sortStage(
            command.keys.map(({ expression, descending }) => ({ value: this.#compile(expression), descending })),
            this.#wantedAfter(index + 1),
          ),
        );
        return;
      case 'limit':
        this.#order(index);
        this.#stages.push(limitStage(command.count));
        return;
      case 'dedup':
        this.#order(index);
        this.#stages.push(dedupStage(command.fields.map((field) => this.#compile(field))));
        return;
      case 'unnest': {
        const of = this.#compile(command.of);
        this.#stages.push(unnestStage(of, this.#scope.define(command.name)));
        return;
      }
      case 'stats': {
        const { scope, columns, sink } = compileStats(command, this.#scope, this.#context);
        this.#stages.push(sink);
        this.#scope = scope;
        this.#columns = undefined;
        this.#parsed = [...columns];
        this.#display = undefined;
        this.#isOrdered = true;
      }
    }
  }

  #parse(command: Extract<Command, { kind: 'parse' }>): void {
    const of = this.#compile(command.of);
    const columns = command.names.map((name) => ({ name, slot: this.#scope.define(name) }));
    this.#stages.push(
      parseStage(
        of,
        command.regex,
        columns.map(({ slot }) => slot),
      ),
    );
    for (const column of columns) replace(this.#columns ?? this.#parsed, column);
  }

  /** Plain fields are read where they are; anything else gets a slot of its own, which the columns after it can see. */
  #assign(columns: readonly Column[]): readonly ResultColumn[] {
    const assignments: { slot: number; value: Evaluate }[] = [];
    const result = columns.map(({ expression, name }) => {
      const value = this.#compile(expression);
      const place = expression.kind === 'field' ? this.#scope.resolve(expression.path) : undefined;
      if (place?.below.length === 0 && expression.kind === 'field' && expression.path.join('.') === name) {
        return { name, slot: place.slot };
      }
      const slot = this.#scope.define(name);
      assignments.push({ slot, value });
      return { name, slot };
    });
    if (assignments.length > 0) this.#stages.push(assignStage(assignments));
    return result;
  }

  /** Sorts by time where nothing has sorted yet, before it matters which rows are first. */
  #order(index: number): void {
    if (this.#isOrdered) return;
    this.#isOrdered = true;
    const slot = this.#timestampSlot();
    const keys = [{ value: (row: Parameters<Evaluate>[0]) => row[slot] ?? null, descending: true }];
    this.#stages.push(sortStage(keys, this.#wantedAfter(index)));
  }

  #timestampSlot(): number {
    return this.#events.field('@timestamp');
  }

  /** How many of the first rows the commands from `index` on can use. */
  #wantedAfter(index: number): number {
    for (const command of this.#commands.slice(index)) {
      if (command.kind === 'limit') return command.count;
      if (!KEEPS_EVERY_ROW.has(command.kind)) return Infinity;
    }
    return MAX_ROWS;
  }

  #resultColumns(): readonly ResultColumn[] {
    if (this.#display !== undefined) return this.#display;
    if (this.#columns !== undefined) return this.#columns;
    if (this.#scope !== this.#events) return this.#parsed;
    const standard = ['@timestamp', '@message'].map((name) => ({ name, slot: this.#scope.resolve([name])!.slot }));
    return [...standard, ...this.#parsed];
  }

  #compile(expression: Expression): Evaluate {
    return compileExpression(expression, this.#scope, this.#context);
  }

  #error(message: string, command: Command): InsightsError {
    return new InsightsError(message, this.#context.query, command.at);
  }
}

const KEEPS_EVERY_ROW: ReadonlySet<CommandKind> = new Set<CommandKind>(['fields', 'display', 'parse']);

function onceEach(columns: readonly ResultColumn[]): ResultColumn[] {
  const once: ResultColumn[] = [];
  for (const column of columns) replace(once, column);
  return once;
}

/** A column of the same name is shown once, with its newest meaning. */
function replace(columns: ResultColumn[], column: ResultColumn): void {
  const index = columns.findIndex(({ name }) => name === column.name);
  if (index < 0) columns.push(column);
  else columns[index] = column;
}
