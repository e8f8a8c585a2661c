import { expect, test } from 'vitest';
import { refusalOfUpgrade } from '../../../ecs/session/refusal.ts';

const NOW_MS = Date.parse('2026-11-23T12:00:00Z');
const ANSWER = { status: 401, body: '', date: undefined, now_ms: NOW_MS };

test.each([
  ['Mon, 23 Nov 2026 12:00:00 GMT', 0],
  ['Mon, 23 Nov 2026 12:01:30 GMT', -90],
  ['Mon, 23 Nov 2026 11:00:00 GMT', 3_600],
  ['yesterday', undefined],
  [undefined, undefined],
])('the exchange’s date %s says that our clock is off by %s s', (date, clock_offset_sec) => {
  expect(refusalOfUpgrade({ ...ANSWER, date }).clock_offset_sec).toBe(clock_offset_sec);
});

test('the beginning of what the exchange said is told', () => {
  const said = (body: string): string => refusalOfUpgrade({ ...ANSWER, body }).exception_msg;
  expect(said('')).toBe('the exchange refused the connection with HTTP 401');
  expect(said(' {"code":"authentication_error"}\n')).toMatch(/HTTP 401: \{"code":"authentication_error"\}$/);
  expect(said('x'.repeat(10_000)).length).toBeLessThan(300);
});

test.each([
  [401, 'auth'],
  [403, 'auth'],
  [429, 'throttled'],
  [503, 'other'],
] as const)('%i is a refusal of the kind %s', (status, kind) => {
  expect(refusalOfUpgrade({ ...ANSWER, status })).toMatchObject({ kind, http_status: status });
});
