import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { FAILURE_CLASSES, isFailureClass } from '../../../core/failure/classes.ts';
import { classifyResponse } from '../../../core/failure/classify-response.ts';
import { classify } from '../../../core/failure/classify.ts';
import { REASON_MAX_CHARS, type Failure } from '../../../core/failure/failure.ts';
import { RETRY_AFTER_MAX_MS } from '../../../core/failure/signals.ts';

function expectWhole(failure: Failure): void {
  expect(isFailureClass(failure.class)).toBe(true);
  expect(failure.category).toBe(FAILURE_CLASSES[failure.class].category);
  expect(failure.reason.length).toBeLessThanOrEqual(REASON_MAX_CHARS);
  expect(failure.reason).not.toMatch(/[\n\r\t]/);
  expect(failure.retryAfterMs ?? 0).toBeGreaterThanOrEqual(0);
  expect(failure.retryAfterMs ?? 0).toBeLessThanOrEqual(RETRY_AFTER_MAX_MS);
  for (const n of [failure.clickhouseCode, failure.row])
    expect(n === undefined || (Number.isInteger(n) && n > 0)).toBe(true);
  expect(Object.values(failure)).not.toContain(undefined);
}

const KEYS = [
  'message',
  'name',
  'code',
  'cause',
  'errors',
  'headers',
  'statusCode',
  '$metadata',
  '$retryable',
  'failure',
];
const anything = () =>
  fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true, withObjectString: true });
const errorLike = () => fc.dictionary(fc.constantFrom(...KEYS, 'clickhouseCode', 'ErrorCode', '$response'), anything());
const message = () =>
  fc.oneof(
    fc.string(),
    fc.tuple(fc.nat(1_100), fc.string()).map(([code, text]) => `Code: ${code}. DB::Exception: ${text} (at row 0)`),
  );

test.prop([anything()])('anything thrown has a whole failure', (value) => expectWhole(classify(value)));

test.prop([errorLike()])('nonsense in the fields we read has a whole failure', (value) => expectWhole(classify(value)));

test.prop([fc.constantFrom(...KEYS), errorLike()])('a getter that throws does not spread', (key, value) => {
  Object.defineProperty(value, key, {
    get: () => {
      throw new Error('no');
    },
  });
  expectWhole(classify(value));
});

test('proxies that refuse everything, and revoked ones, have a whole failure', () => {
  const refuse = () => {
    throw new Error('no');
  };
  expectWhole(classify(new Proxy({}, { get: refuse, has: refuse, getPrototypeOf: refuse, ownKeys: refuse })));
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  expectWhole(classify(proxy));
  expectWhole(classify({ cause: proxy, errors: proxy }));
  expectWhole(classify({ failure: proxy }));
});

test('causes in a circle, and gathered without end, are followed to a limit', () => {
  const a = new Error('a');
  const b = new Error('b', { cause: a });
  a.cause = b;
  expectWhole(classify(a));
  const gathered = Object.assign(new Error('all of them'), { errors: [] as unknown[] });
  gathered.errors.push(...Array.from({ length: 32 }, () => gathered));
  expectWhole(classify(gathered));
  const endless: object = new Proxy(
    {},
    {
      get: (_, key) =>
        key === 'cause' || key === 'errors' || /^\d+$/.test(String(key)) ? new Proxy(endless, {}) : undefined,
    },
  );
  expectWhole(classify(endless));
});

test.prop([fc.nat(599), fc.dictionary(fc.string(), fc.string()), message()])(
  'every answer is a success or has a whole failure',
  (status, headers, body) => {
    const failure = classifyResponse({ status, headers, body });
    if (failure === undefined) expect(status >= 200 && status < 300).toBe(true);
    else expectWhole(failure);
  },
);
