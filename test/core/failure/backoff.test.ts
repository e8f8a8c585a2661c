import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { BACKOFF_POLICIES, type BackoffPolicy, backoffMs } from '../../../core/failure/backoff.ts';
import { RETRY_AFTER_MAX_MS } from '../../../core/failure/signals.ts';

const policy = () => fc.constantFrom<BackoffPolicy>(...Object.values(BACKOFF_POLICIES));
const attempt = () => fc.integer({ min: 1, max: 10_000 });
const unit = () => fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test.prop([policy(), attempt(), unit()])('a wait is a whole number of 0 … cap', (p, n, jitter) => {
  const wait = backoffMs(p, n, jitter);
  expect(Number.isInteger(wait)).toBe(true);
  expect(wait).toBeGreaterThanOrEqual(0);
  expect(wait).toBeLessThanOrEqual(p.capMs);
});

test.prop([policy(), attempt(), unit()])('with the same jitter a later attempt never waits less', (p, n, jitter) => {
  expect(backoffMs(p, n + 1, jitter)).toBeGreaterThanOrEqual(backoffMs(p, n, jitter));
});

test.prop([policy(), attempt(), unit(), fc.nat(1_000_000)])(
  'what the other side asked for is kept, bounded',
  (p, n, j, asked) => {
    const wait = backoffMs(p, n, j, asked);
    expect(wait).toBeGreaterThanOrEqual(Math.min(asked, RETRY_AFTER_MAX_MS));
    expect(wait).toBeLessThanOrEqual(Math.max(p.capMs, RETRY_AFTER_MAX_MS));
  },
);

test.prop([policy(), fc.double(), fc.double(), fc.double()])('nonsense is bounded too', (p, n, j, asked) => {
  const wait = backoffMs(p, n, j, asked);
  expect(wait).toBeGreaterThanOrEqual(0);
  expect(wait).toBeLessThanOrEqual(Math.max(p.capMs, RETRY_AFTER_MAX_MS));
});

test('full jitter may wait nothing, equal jitter waits at least half', () => {
  expect(backoffMs(BACKOFF_POLICIES.short, 3, 0)).toBe(0);
  expect([1, 2, 3, 9].map((n) => backoffMs(BACKOFF_POLICIES.long, n, 0))).toEqual([500, 1_000, 2_000, 15_000]);
  expect([1, 2, 9].map((n) => backoffMs(BACKOFF_POLICIES.long, n, 1))).toEqual([1_000, 2_000, 30_000]);
});
