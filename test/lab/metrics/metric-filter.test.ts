import { describe, expect, test } from 'vitest';
import { PatternError } from '../../../lab/filter/pattern-error.ts';
import { compileMetricFilter } from '../../../lab/metrics/metric-filter.ts';
import { MetricFilterError, type MetricTransformation } from '../../../lab/metrics/transformation.ts';

const COUNT: MetricTransformation = { namespace: 'Tape', name: 'insert_failed', value: '1' };
const LAG: MetricTransformation = { ...COUNT, name: 'lag', value: '$.lag' };
const AT = 1_795_000_000_123;

const emit = (pattern: string, transformation: MetricTransformation, message: unknown) =>
  compileMetricFilter(
    pattern,
    transformation,
  )({
    timestamp_ms: AT,
    message: typeof message === 'string' ? message : JSON.stringify(message),
  });

describe('a metric filter', () => {
  test('emits its constant for an event that matches, at the event’s instant, and nothing for another', () => {
    expect(emit('{ $.event = "insert_failed" }', { ...COUNT, unit: 'Count' }, { event: 'insert_failed' })).toEqual({
      id: { namespace: 'Tape', name: 'insert_failed', dimensions: {} },
      sample: { ts_ms: AT, value: 1, unit: 'Count' },
    });
    expect(emit('{ $.event = "insert_failed" }', COUNT, { event: 'x' })).toBeUndefined();
    expect(emit('', { ...COUNT, value: '-2.5e1' }, 'any line')?.sample).toEqual({ ts_ms: AT, value: -25 });
  });

  test.each([
    [12.5, 12.5],
    ['12.5', 12.5],
    ['-3e2', -300],
    ['12 ms', undefined],
    ['', undefined],
    [true, undefined],
    [null, undefined],
    [[1], undefined],
    [{ a: 1 }, undefined],
  ])('takes a field of %j as %s, also where there is a default', (lag, value) => {
    expect(emit('{ $.event = "x" }', LAG, { event: 'x', lag })?.sample.value).toBe(value);
    expect(emit('{ $.event = "x" }', { ...LAG, defaultValue: 7 }, { event: 'x', lag })?.sample.value).toBe(value);
  });

  test('emits nothing for a number that is too large to be one', () => {
    expect(emit('{ $.lag = * }', LAG, '{"lag":1e999}')).toBeUndefined();
  });

  test('emits the default for each event that does not match or has no such field, and for those only', () => {
    const withDefault = { ...LAG, defaultValue: 0 };
    expect(emit('{ $.event = "x" }', withDefault, { event: 'y', lag: 5 })?.sample.value).toBe(0);
    expect(emit('{ $.event = "x" }', withDefault, 'not JSON')?.sample.value).toBe(0);
    expect(emit('{ $.event = "x" }', withDefault, { event: 'x' })?.sample.value).toBe(0);
    expect(emit('{ $.event = "x" }', LAG, { event: 'x' })).toBeUndefined();
    expect(emit('{ $.event = "x" }', withDefault, { event: 'x', lag: 5 })?.sample.value).toBe(5);
  });

  test('takes its dimensions from fields, numbers as they are written', () => {
    const dimensions = { Class: '$.class', Shard: '$.shard', Ok: '$.ok' };
    const message = '{"class":"timeout","shard":12.0,"ok":false}';
    expect(emit('{ $.class = * }', { ...COUNT, dimensions }, message)?.id.dimensions).toEqual({
      Class: 'timeout',
      Shard: '12.0',
      Ok: 'false',
    });
  });

  test.each([{}, { class: null }, { class: '' }, { class: {} }])(
    'emits nothing where a dimension cannot be taken: %j',
    (fields) => {
      const transformation = { ...COUNT, dimensions: { Class: '$.class' } };
      expect(emit('{ $.event = "x" }', transformation, { event: 'x', ...fields })).toBeUndefined();
    },
  );

  test('takes value and dimensions of a space-delimited event by name or number', () => {
    const transformation = { ...COUNT, value: '$bytes', dimensions: { Server: '$2', Status: '$status' } };
    const line = '127.0.0.1 Prod "GET / HTTP/1.0" 404 1534';
    expect(emit('[ip, , ..., status = 4*, bytes]', transformation, line)).toEqual({
      id: { namespace: 'Tape', name: 'insert_failed', dimensions: { Server: 'Prod', Status: '404' } },
      sample: { ts_ms: AT, value: 1534 },
    });
    expect(emit('[ip, , ..., status = 4*, bytes]', transformation, line.replace('1534', '-'))).toBeUndefined();
  });
});

describe('what CloudWatch refuses of a metric filter', () => {
  const dimensions = { A: '$.a' };
  test.each([
    ['{ $.a = 1 }', { ...COUNT, dimensions, defaultValue: 0 }, 'defaultValue'],
    ['{ $.a = 1 }', { ...COUNT, dimensions: { A: '$.a', B: '$.b', C: '$.c', D: '$.d' } }, 'dimensions'],
    ['{ $.a = 1 }', { ...COUNT, dimensions: { A: 'a' } }, 'dimensions'],
    ['{ $.a = 1 }', { ...COUNT, dimensions: { 'A:B': '$.a' } }, 'dimensions'],
    ['{ $.a = 1 }', { ...COUNT, dimensions: { A: '$.a[*]' } }, 'dimensions'],
    ['ERROR', { ...COUNT, dimensions }, 'dimensions'],
    ['[a, b]', { ...COUNT, dimensions: { C: '$c' } }, 'dimensions'],
    ['ERROR', LAG, 'value'],
    ['', LAG, 'value'],
    ['[a, b]', { ...COUNT, value: '$.a' }, 'value'],
    ['{ $.a = 1 }', { ...COUNT, value: 'one' }, 'value'],
    ['{ $.a = 1 }', { ...COUNT, value: '' }, 'value'],
    ['{ $.a = 1 }', { ...COUNT, value: `$.${'a'.repeat(99)}` }, 'value'],
    ['{ $.a = 1 }', { ...COUNT, namespace: 'A:B' }, 'namespace'],
    ['{ $.a = 1 }', { ...COUNT, name: '' }, 'name'],
    ['{ $.a = 1 }', { ...COUNT, name: 'a'.repeat(256) }, 'name'],
    ['{ $.a = 1 }', { ...COUNT, unit: 'Parsecs' }, 'unit'],
    ['{ $.a = 1 }', { ...COUNT, defaultValue: Infinity }, 'defaultValue'],
  ] as const)('%s with %j is a fault of its %s', (pattern, transformation, property) => {
    const compile = () => compileMetricFilter(pattern, transformation);
    expect(compile).toThrow(MetricFilterError);
    expect(compile).toThrow(expect.objectContaining({ property }));
  });

  test('is a pattern that is none', () => {
    expect(() => compileMetricFilter('{ a }', COUNT)).toThrow(PatternError);
  });
});
