import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { newSessionId } from '../../../core/tape/session-id.ts';

const MIN = Date.UTC(2000, 0, 1);
const MAX = Date.UTC(2100, 0, 1);
const instant = fc.integer({ min: MIN, max: MAX });
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('a session id', () => {
  test('is the time in milliseconds and six hex digits', () => {
    expect(newSessionId(Date.UTC(2026, 10, 23, 19, 2, 56, 123), 0x9f3a1c / 0x1000000)).toBe(
      '20261123T190256123-9f3a1c',
    );
    expect(newSessionId(Date.UTC(2026, 0, 2, 3, 4, 5, 6), 0)).toBe('20260102T030405006-000000');
    expect(newSessionId(0, 1 - 2 ** -53)).toBe('19700101T000000000-ffffff');
  });

  test.prop([instant, instant, random, random])('sorts as text as its time does', (a, b, x, y) => {
    fc.pre(a !== b);
    expect(newSessionId(a, x) < newSessionId(b, y)).toBe(a < b);
  });

  test.prop([instant, random])('is always of one shape, so that it may stand in a block id', (now_ms, n) => {
    expect(newSessionId(now_ms, n)).toMatch(/^\d{8}T\d{9}-[0-9a-f]{6}$/);
  });

  test('differs within one millisecond', () => {
    expect(newSessionId(MIN, 0.1)).not.toBe(newSessionId(MIN, 0.2));
  });
});
