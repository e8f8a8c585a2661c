import { identity } from './aggregates.ts';
import { sortOrder } from './compare.ts';
import type { Evaluate, Row, Sink } from './row.ts';
import { Structure, textOf, truthOf, type Value, valueOfJson } from './value.ts';

export type Stage = (next: Sink) => Sink;

export function filterStage(condition: Evaluate): Stage {
  return (next) => ({
    push: (row) => {
      if (truthOf(condition(row)) === true) next.push(row);
    },
    end: next.end,
  });
}

/** Writes values into slots, one after the other: a value may be of slots that were written before it. */
export function assignStage(assignments: readonly { readonly slot: number; readonly value: Evaluate }[]): Stage {
  return (next) => ({
    push: (row) => {
      for (const { slot, value } of assignments) row[slot] = value(row);
      next.push(row);
    },
    end: next.end,
  });
}

/** What does not match keeps its row, with null in every slot. */
export function parseStage(of: Evaluate, regex: RegExp, slots: readonly number[]): Stage {
  return (next) => ({
    push: (row) => {
      const value = of(row);
      const match = value === null ? null : regex.exec(textOf(value));
      for (let i = 0; i < slots.length; i++) row[slots[i]!] = match?.[i + 1] ?? null;
      next.push(row);
    },
    end: next.end,
  });
}

export function limitStage(count: number): Stage {
  return (next) => {
    let passed = 0;
    return {
      push: (row) => {
        if (passed++ < count) next.push(row);
      },
      end: next.end,
    };
  };
}

/** The first row of each combination of values; rows where one is null are all kept. */
export function dedupStage(fields: readonly Evaluate[]): Stage {
  return (next) => {
    const seen = new Set<string>();
    return {
      push: (row) => {
        const values = fields.map((field) => identity(field(row)));
        if (!values.includes(null)) {
          const key = JSON.stringify(values);
          if (seen.has(key)) return;
          seen.add(key);
        }
        next.push(row);
      },
      end: next.end,
    };
  };
}

/** One row for each item of a list; what is no list is a list of itself. */
export function unnestStage(of: Evaluate, slot: number): Stage {
  return (next) => ({
    push: (row) => {
      for (const item of itemsOf(of(row))) {
        row[slot] = item;
        next.push(row);
      }
    },
    end: next.end,
  });
}

/** Counts the rows that come by. */
export function countStage(count: () => void): Stage {
  return (next) => ({
    push: (row) => {
      count();
      next.push(row);
    },
    end: next.end,
  });
}

export interface SortBy {
  readonly value: Evaluate;
  readonly descending: boolean;
}

/** Rows that are kept beside those wanted before what is surplus is thrown away. */
const MIN_SLACK = 1_000;

/** `wanted`: how many rows of the whole order are of any use. Rows that compare as equal stay as they came. */
export function sortStage(keys: readonly SortBy[], wanted: number): Stage {
  return (next) => {
    let kept: Sortable[] = [];
    let arrived = 0;
    const bound = wanted + Math.max(wanted, MIN_SLACK);
    const compare = (a: Sortable, b: Sortable): number => {
      for (let i = 0; i < keys.length; i++) {
        const order = sortOrder(a.keys[i]!, b.keys[i]!);
        if (order !== 0) return keys[i]!.descending ? -order : order;
      }
      return a.place - b.place;
    };
    const cut = () => (kept = kept.sort(compare).slice(0, wanted));
    return {
      push: (row) => {
        kept.push({ row: row.slice(), keys: keys.map(({ value }) => value(row)), place: arrived++ });
        if (kept.length >= bound) cut();
      },
      end: () => {
        for (const { row } of cut()) next.push(row);
        kept = [];
        next.end();
      },
    };
  };
}

interface Sortable {
  readonly row: Row;
  readonly keys: readonly Value[];
  readonly place: number;
}

function itemsOf(value: Value): readonly Value[] {
  return value instanceof Structure && Array.isArray(value.json) ? value.json.map(valueOfJson) : [value];
}
