import { existsSync, readFileSync } from 'node:fs';
import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { readEmf } from '../../../lab/metrics/emf.ts';
import { emfSchemaFaults } from '../../../lab/metrics/emf-schema.ts';
import { holds, type Schema } from './schema.ts';

/** The official schema, where this machine has it; it is not ours to ship. */
const OFFICIAL = new URL('../../../../shared/aws/emf-schema.json', import.meta.url);
const NOT_HERE = existsSync(OFFICIAL) ? '' : ' (skipped: it is not on this machine, ../shared/aws)';

const AT = 1_795_000_000_000;
const HOUR_MS = 3_600_000;

interface Parts {
  readonly directive?: Readonly<Record<string, unknown>>;
  readonly aws?: Readonly<Record<string, unknown>>;
  readonly root?: Readonly<Record<string, unknown>>;
}

const directiveOf = (more: Parts['directive'] = {}) => ({
  Namespace: 'Tape',
  Dimensions: [['Service']],
  Metrics: [{ Name: 'lag', Unit: 'Milliseconds' }],
  ...more,
});
const documentOf = ({ directive, aws, root }: Parts = {}) => ({
  _aws: { Timestamp: AT, CloudWatchMetrics: [directiveOf(directive)], ...aws },
  Service: 'sink',
  lag: 12,
  ...root,
});
const read = (parts?: Parts, received_ms?: number) => readEmf(JSON.stringify(documentOf(parts)), received_ms);
const counts = ({ emitted, parsingErrors, validationErrors }: ReturnType<typeof readEmf>) => ({
  samples: emitted.length,
  parsingErrors,
  validationErrors,
});
const names = (count: number, of = 'm') => Array.from({ length: count }, (_, at) => `${of}${at}`);
const valued = (keys: readonly string[], value: unknown) => Object.fromEntries(keys.map((key) => [key, value]));

describe('a line in the Embedded Metric Format', () => {
  test('gives a sample of each metric, with its dimensions, unit and timestamp', () => {
    expect(read().emitted).toEqual([
      {
        id: { namespace: 'Tape', name: 'lag', dimensions: { Service: 'sink' } },
        sample: { ts_ms: AT, value: 12, unit: 'Milliseconds' },
      },
    ]);
    expect(counts(read())).toEqual({ samples: 1, parsingErrors: 0, validationErrors: 0 });
  });

  test('gives a sample for each value of an array and each dimension set, the empty one too', () => {
    const { emitted } = read({
      directive: { Dimensions: [['Service', 'Stage'], []], Metrics: [{ Name: 'lag' }] },
      root: { lag: [1, 2.5], Stage: 'prod' },
    });
    expect(emitted.map(({ id, sample }) => [id.dimensions, sample.value, sample.unit])).toEqual([
      [{ Service: 'sink', Stage: 'prod' }, 1, undefined],
      [{ Service: 'sink', Stage: 'prod' }, 2.5, undefined],
      [{}, 1, undefined],
      [{}, 2.5, undefined],
    ]);
  });

  test('may have several directives, a resolution of a second, and members that are nobody’s', () => {
    const aws = {
      CloudWatchMetrics: [directiveOf({ Metrics: [{ Name: 'lag', StorageResolution: 1 }] }), directiveOf()],
      LogGroupName: 'x',
    };
    expect(counts(read({ aws, root: { requestId: 'r', nested: { a: 1 } } }))).toEqual({
      samples: 2,
      parsingErrors: 0,
      validationErrors: 0,
    });
  });

  test.each(['', 'text', '{"a":1}', '[{"_aws":{}}]', '"_aws"', 'INFO {"_aws":{}}', '{"a":"\\"_aws\\""}'])(
    'is not what %j is: neither samples nor errors',
    (line) => expect(counts(readEmf(line))).toEqual({ samples: 0, parsingErrors: 0, validationErrors: 0 }),
  );

  test.each<[string, string]>([
    ['is cut', JSON.stringify(documentOf()).slice(0, -5)],
    ['has null for its metadata', '{"_aws":null}'],
    ['has no timestamp', JSON.stringify({ _aws: { CloudWatchMetrics: [] } })],
    ['has no metrics', JSON.stringify({ _aws: { Timestamp: AT } })],
    ['has a text for a timestamp', JSON.stringify(documentOf({ aws: { Timestamp: String(AT) } }))],
    ['has no namespace', JSON.stringify(documentOf({ directive: { Namespace: undefined } }))],
    [
      'has a unit that does not exist',
      JSON.stringify(documentOf({ directive: { Metrics: [{ Name: 'a', Unit: 'ms' }] } })),
    ],
    ['has no dimension set', JSON.stringify(documentOf({ directive: { Dimensions: [] } }))],
    ['has 31 dimensions', JSON.stringify(documentOf({ directive: { Dimensions: [names(31)] } }))],
  ])('is a parsing error and gives nothing where it %s', (_, line) => {
    const reading = readEmf(line);
    expect(counts(reading)).toEqual({ samples: 0, parsingErrors: 1, validationErrors: 0 });
    expect(reading.faults).not.toEqual([]);
  });

  const two = { Metrics: [{ Name: 'lag' }, { Name: 'bad' }] };
  test.each<[string, Parts, number]>([
    ['a metric has no value', { directive: two }, 1],
    ['a value is a text', { directive: two, root: { bad: '1' } }, 1],
    ['one of the values is null', { directive: two, root: { bad: [1, null] } }, 1],
    ['an array has 101 values', { directive: two, root: { bad: Array(101).fill(1) } }, 1],
    ['a value is larger than CloudWatch takes', { directive: two, root: { bad: 2 ** 361 } }, 1],
    ['a resolution is neither 1 nor 60', { directive: { Metrics: [{ Name: 'lag', StorageResolution: 30 }] } }, 0],
    ['a dimension has no value', { directive: { Dimensions: [['Service'], ['Stage']] } }, 1],
    ['a dimension is a number', { directive: { Dimensions: [['Service'], ['lag']] } }, 1],
    ['a dimension is inherited, not its own', { directive: { Dimensions: [['Service'], ['toString']] } }, 1],
    ['a dimension is longer than 1,024', { root: { Service: 'a'.repeat(1_025) } }, 0],
    [
      'a directive has 101 metrics',
      { directive: { Metrics: names(101).map((Name) => ({ Name })) }, root: valued(names(101), 1) },
      0,
    ],
  ])('is one validation error and keeps what is right where %s', (_, parts, samples) => {
    expect(counts(read(parts))).toEqual({ samples, parsingErrors: 0, validationErrors: 1 });
  });

  test('counts the length of a name in characters, not in units of UTF-16', () => {
    const name = (length: number) => counts(read({ directive: { Namespace: '😀'.repeat(length) } })).parsingErrors;
    expect([name(1_024), name(1_025)]).toEqual([0, 1]);
  });

  test('takes 100 metrics, 30 dimensions and 100 values, each the last that is allowed', () => {
    const metrics = names(100);
    const dimensions = names(30, 'd');
    const reading = read({
      directive: { Dimensions: [dimensions], Metrics: metrics.map((Name) => ({ Name })) },
      root: { ...valued(metrics, Array(100).fill(1)), ...valued(dimensions, 'x') },
    });
    expect(counts(reading)).toEqual({ samples: 10_000, parsingErrors: 0, validationErrors: 0 });
  });

  test.each([
    [14 * 24 * HOUR_MS, 1],
    [14 * 24 * HOUR_MS + 1, 0],
    [-2 * HOUR_MS, 1],
    [-2 * HOUR_MS - 1, 0],
  ])('received %d ms after its timestamp gives %d samples', (later, samples) => {
    expect(counts(read({}, AT + later))).toEqual({ samples, parsingErrors: 0, validationErrors: 1 - samples });
  });

  test.prop([fc.string({ unit: 'binary' })])('is read without an exception whatever it holds', (text) => {
    expect(readEmf(`{"_aws":${text}`).emitted).toEqual([]);
  });
});

describe.skipIf(NOT_HERE !== '')(`the official schema${NOT_HERE}`, () => {
  const schema = NOT_HERE === '' ? (JSON.parse(readFileSync(OFFICIAL, 'utf8')) as Schema) : {};
  const odd = fc.oneof(
    fc.jsonValue({ maxDepth: 1 }),
    fc.constantFrom<unknown>('Count/Second', 'Count', 'ms', 1.5, 'a\nb', 'a'.repeat(251), 'é'.repeat(1_025), [], {}),
    fc.constantFrom<unknown>(
      ['a'],
      [['a']],
      [names(31)],
      [['']],
      [{ Name: 'a' }],
      [{ Unit: 'None' }],
      '😀'.repeat(600),
    ),
  );
  const PLACES = [
    ['_aws'],
    ['_aws', 'Timestamp'],
    ['_aws', 'CloudWatchMetrics'],
    ...['Namespace', 'Dimensions', 'Metrics'].map((name) => ['_aws', 'CloudWatchMetrics', 0, name]),
    ...['Name', 'Unit', 'StorageResolution'].map((name) => ['_aws', 'CloudWatchMetrics', 0, 'Metrics', 0, name]),
    ['_aws', 'CloudWatchMetrics', 0, 'Dimensions', 0],
    ['_aws', 'CloudWatchMetrics', 0, 'Dimensions', 0, 0],
    ['lag'],
  ];

  /** A document that holds, with one place changed or taken away. */
  function changed(place: readonly (string | number)[], value: unknown, remove: boolean): unknown {
    const document: unknown = structuredClone(documentOf());
    let at = document as Record<string | number, unknown>;
    for (const step of place.slice(0, -1)) at = at[step] as Record<string | number, unknown>;
    const last = place.at(-1)!;
    if (remove) Reflect.deleteProperty(at, last);
    else at[last] = value;
    return JSON.parse(JSON.stringify(document));
  }

  test.prop([fc.constantFrom(...PLACES), odd, fc.integer({ min: 0, max: 9 })], { numRuns: 2_000 })(
    'holds of exactly the documents that we take',
    (place, value, dice) => {
      const document = changed(place, value, dice === 0);
      expect(emfSchemaFaults(document).length === 0).toBe(holds(schema, document));
    },
  );

  test.prop([fc.jsonValue()])('holds of no other value either', (value) => {
    expect(emfSchemaFaults(value).length === 0).toBe(holds(schema, value));
  });
});
