import type { Selector, Step } from './ast.ts';
import { Cursor } from './cursor.ts';

/** Reads `$.a.b[0]`, `$.*`, `$.a[*]`, `$.['key with dots']`. */
export function readSelector(cursor: Cursor): Selector {
  if (!cursor.take('$')) throw cursor.fail('a selector that begins with $');
  const steps: Step[] = [];
  for (let step = readStep(cursor); step !== undefined; step = readStep(cursor)) steps.push(step);
  if (steps.length === 0) throw cursor.fail('.name, .* or [0] after $');
  return steps;
}

/** A selector that stands alone, as in a metric's value. Throws PatternError. */
export function parseSelector(text: string): Selector {
  const cursor = new Cursor(text, 0, text.length);
  const selector = readSelector(cursor);
  if (!cursor.done) throw cursor.fail('the end of the selector');
  return selector;
}

export function hasWildcard(selector: Selector): boolean {
  return selector.some(isWildcard);
}

export const isWildcard = ({ kind }: Step): boolean => kind === 'every_key' || kind === 'every_index';

/** What the selector finds in a parsed document, as far as it exists; null is something. */
export function select(root: unknown, selector: Selector): readonly unknown[] {
  let found: unknown[] = [root];
  for (const step of selector) {
    found = found.flatMap((value): unknown[] => children(value, step));
    if (found.length === 0) break;
  }
  return found;
}

/** The same for a selector without a wildcard: the value, or undefined where there is none. */
export function selectOne(root: unknown, selector: Selector): unknown {
  let value = root;
  for (const step of selector) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (step.kind === 'key') {
      if (Array.isArray(value) || !Object.hasOwn(value, step.key)) return undefined;
      value = (value as Readonly<Record<string, unknown>>)[step.key];
    } else if (step.kind === 'index') {
      if (!Array.isArray(value)) return undefined;
      value = (value as readonly unknown[])[step.index];
    }
  }
  return value;
}

const NAME = /[A-Za-z0-9_-]+/y;
const INDEX = /\[\d{1,9}\]/y;
const KEY_START = ".['";

function readStep(cursor: Cursor): Step | undefined {
  if (cursor.take(KEY_START)) return { kind: 'key', key: readKey(cursor) };
  if (cursor.take('.')) {
    if (cursor.take('*')) return { kind: 'every_key' };
    const key = cursor.match(NAME);
    if (key === undefined) throw cursor.fail("a property's name, * or ['name']");
    return { kind: 'key', key };
  }
  if (cursor.char !== '[') return undefined;
  if (cursor.take('[*]')) return { kind: 'every_index' };
  const index = cursor.match(INDEX);
  if (index === undefined) throw cursor.fail('[*] or [number], counted from 0');
  return { kind: 'index', index: Number(index.slice(1, -1)) };
}

function readKey(cursor: Cursor): string {
  let key = '';
  while (!cursor.take("']")) {
    if (cursor.done) throw cursor.fail("'] that ends the name");
    cursor.take('\\');
    key += cursor.next();
  }
  if (key === '') throw cursor.fail('a name that is not empty', cursor.at - 2);
  return key;
}

function children(value: unknown, step: Step): unknown[] {
  if (step.kind === 'key' || step.kind === 'index') {
    const one = selectOne(value, [step]);
    return one === undefined ? [] : [one];
  }
  if (typeof value !== 'object' || value === null) return [];
  if (step.kind === 'every_index') return Array.isArray(value) ? value : [];
  return Array.isArray(value) ? [] : Object.values(value);
}
