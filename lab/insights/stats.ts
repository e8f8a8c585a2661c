import { type Aggregate, aggregate, type AggregateInput, identity, isAggregate } from './aggregates.ts';
import type { Column, Command, Expression } from './ast.ts';
import { InsightsError } from './error.ts';
import { compileExpression, type Context } from './expression.ts';
import type { Evaluate, Row, Sink } from './row.ts';
import { Scope } from './scope.ts';
import type { Value } from './value.ts';

type Stats = Extract<Command, { kind: 'stats' }>;

/** The columns of a stats: what it groups by, then its items. */
export interface CompiledStats {
  readonly scope: Scope;
  readonly columns: readonly { readonly name: string; readonly slot: number }[];
  readonly sink: (next: Sink) => Sink;
}

/**
 * Throws InsightsError: an item must be made of aggregates, of items before it and of what is grouped by, and no two
 * columns may have one name.
 */
export function compileStats(command: Stats, input: Scope, context: Context): CompiledStats {
  refuseSecondName([...command.columns, ...command.by], context);
  const scope = new Scope(false);
  const by = command.by.map(({ expression, name }) => ({
    key: compileInput(expression, input, context),
    name,
    slot: scope.define(name),
  }));
  const makers: (() => Aggregate)[] = [];
  const slots: number[] = [];
  const aggregated = (call: Expression & { kind: 'call' }): Evaluate => {
    const slot = scope.reserve();
    const from = inputOf(call, input, context);
    makers.push(() => aggregate(call.name, from));
    slots.push(slot);
    return (row) => row[slot] ?? null;
  };
  const items = command.columns.map((column) => {
    const value = compileItem(column, scope, context, aggregated);
    return { value, name: column.name, slot: scope.define(column.name) };
  });
  const keys = by.map(({ key }) => key);
  return {
    scope,
    columns: [...by, ...items].map(({ name, slot }) => ({ name, slot })),
    sink: (next) => {
      const groups = new Groups(keys, makers);
      if (keys.length === 0) groups.of([]);
      return {
        push: (row) => groups.of(row).aggregates.forEach((one) => one.add(row)),
        end: () => {
          for (const { values, aggregates } of groups.all) {
            const row: Row = new Array<Value>(scope.width).fill(null);
            by.forEach(({ slot }, i) => (row[slot] = values[i] ?? null));
            aggregates.forEach((one, i) => (row[slots[i]!] = one.result()));
            for (const { value, slot } of items) row[slot] = value(row);
            next.push(row);
          }
          next.end();
        },
      };
    },
  };
}

/** A row holds one value a name: of two columns one would be lost. */
function refuseSecondName(columns: readonly Column[], context: Context): void {
  const names = new Set<string>();
  for (const { name, nameAt } of columns) {
    if (names.has(name)) {
      throw new InsightsError(`"${name}" is the name of two columns: one needs an alias`, context.query, nameAt);
    }
    names.add(name);
  }
}

interface Group {
  readonly values: readonly Value[];
  readonly aggregates: readonly Aggregate[];
}

type Level = Map<string | number | null, Level | Group>;

/** The groups, in the order in which they were first seen. */
class Groups {
  readonly all: Group[] = [];
  readonly #keys: readonly Evaluate[];
  readonly #makers: readonly (() => Aggregate)[];
  readonly #root: Level = new Map();

  constructor(keys: readonly Evaluate[], makers: readonly (() => Aggregate)[]) {
    this.#keys = keys;
    this.#makers = makers;
  }

  of(row: Row): Group {
    const last = this.#keys.length - 1;
    if (last < 0) return this.all[0] ?? this.#create(row);
    let level = this.#root;
    for (let i = 0; i < last; i++) {
      const key = identity(this.#keys[i]!(row));
      let deeper = level.get(key) as Level | undefined;
      if (deeper === undefined) {
        deeper = new Map();
        level.set(key, deeper);
      }
      level = deeper;
    }
    const key = identity(this.#keys[last]!(row));
    const known = level.get(key) as Group | undefined;
    if (known !== undefined) return known;
    const group = this.#create(row);
    level.set(key, group);
    return group;
  }

  #create(row: Row): Group {
    const values = this.#keys.map((key) => key(row));
    const group = { values, aggregates: this.#makers.map((make) => make()) };
    this.all.push(group);
    return group;
  }
}

function compileItem(
  { expression }: Column,
  scope: Scope,
  context: Context,
  aggregated: (call: Expression & { kind: 'call' }) => Evaluate,
): Evaluate {
  return compileExpression(expression, scope, context, (inner) => {
    if (inner.kind === 'call' && isAggregate(inner.name)) return aggregated(inner);
    if (inner.kind !== 'field' || scope.resolve(inner.path) !== undefined) return undefined;
    const name = inner.path.join('.');
    throw new InsightsError(`"${name}" in stats is neither aggregated nor grouped by`, context.query, inner.at);
  });
}

/** The lines of a stats before have its columns only. */
function compileInput(expression: Expression, input: Scope, context: Context): Evaluate {
  return compileExpression(expression, input, context, (inner) => {
    if (inner.kind !== 'field' || input.resolve(inner.path) !== undefined) return undefined;
    const name = inner.path.join('.');
    throw new InsightsError(`the stats before has no column "${name}"`, context.query, inner.at);
  });
}

function inputOf(call: Expression & { kind: 'call' }, input: Scope, context: Context): AggregateInput {
  const [argument, second] = call.args;
  const refuse = (message: string, at: Expression = call) => new InsightsError(message, context.query, at.at);
  if (argument?.kind === 'star' && call.name !== 'count') throw refuse('* is an argument of count() only', argument);
  const isStar = argument === undefined || argument.kind === 'star';
  const of = isStar ? undefined : compileInput(argument, input, context);
  if (call.name === 'pct' && !(second?.kind === 'literal' && isPercentage(second.value))) {
    throw refuse('the second argument of pct() is a number from 0 to 100', second);
  }
  const percent = second?.kind === 'literal' ? Number(second.value) : 0;
  return { of, time: timeOf(call, input, refuse), percent };
}

function isPercentage(value: string | number | boolean): boolean {
  return typeof value === 'number' && value >= 0 && value <= 100;
}

const NEVER: Evaluate = () => null;

function timeOf(
  call: Expression & { kind: 'call' },
  input: Scope,
  refuse: (message: string) => InsightsError,
): Evaluate {
  if (call.name !== 'earliest' && call.name !== 'latest') return NEVER;
  const place = input.resolve(['@timestamp']);
  if (place === undefined) throw refuse(`${call.name}() needs @timestamp, which the stats before does not have`);
  return (row) => row[place.slot] ?? null;
}
