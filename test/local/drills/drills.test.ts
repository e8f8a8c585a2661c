import { expect, test } from 'vitest';
import { ALARMS } from '../../../core/logging/alarms.ts';
import { COMPOSITES } from '../../../core/logging/composites.ts';
import { DRILLS } from '../../../local/drills/drills/all.ts';
import { fileName } from '../../../local/drills/run.ts';

test('every drill has a name of its own, and a file of its own', () => {
  expect(new Set(DRILLS.map(({ name }) => fileName(name))).size).toBe(DRILLS.length);
});

test('what a drill expects as a page pages by the catalogue, and what it expects as a ticket does not', () => {
  const entries: Readonly<Record<string, { readonly severity: string }>> = { ...ALARMS, ...COMPOSITES };
  for (const { name, expect: expected } of DRILLS) {
    for (const page of expected.pages) expect(entries[page]?.severity, `${name}: ${page}`).toBe('page');
    for (const ticket of expected.tickets) expect(entries[ticket]?.severity, `${name}: ${ticket}`).toBe('ticket');
  }
});

test('a drill that tells somebody says which heading is read and which line is guilty', () => {
  const without = DRILLS.filter(({ expect: { pages, query } }) => pages.length > 0 && query === undefined);
  expect(without.map(({ name }) => name)).toEqual([]);
});
