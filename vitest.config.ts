import { defineConfig } from 'vitest/config';

/** Where CI wants the counts, as JSON. */
const report = process.env['TAPE_TEST_REPORT'];
/** How long `expect.poll` tries: a machine may stand still for seconds. */
const expect = { poll: { timeout: 15_000 } };

export default defineConfig({
  test: {
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/integration/**'],
          // Every line that a program prints in any test is held against the catalogue.
          setupFiles: ['test/support/check-lines.ts'],
          testTimeout: 20_000,
          expect,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          exclude: ['test/integration/drills/all.test.ts'],
          setupFiles: ['test/support/check-lines.ts'],
          testTimeout: 120_000,
          expect,
          hookTimeout: 120_000,
          // They wait more than they work: three share two cores well.
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'drills',
          include: ['test/integration/drills/all.test.ts'],
          // A second of drills is a minute: they have the machine to themselves, behind all others.
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
