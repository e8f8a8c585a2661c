import { afterAll, afterEach, expect } from 'vitest';
import { PRINTED } from './printed-lines.ts';

/** For vitest's `setupFiles`: a test in which a program of ours prints a line that is not in the catalogue fails. */

PRINTED.start();

afterEach(() => {
  expect(PRINTED.takeViolations(), 'lines that differ from the catalogue').toEqual([]);
});
// What was printed while a file's own hooks ended its programs.
afterAll(() => {
  PRINTED.stop();
  expect(PRINTED.takeViolations(), 'lines that differ from the catalogue').toEqual([]);
});
