import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileQuery } from '../../../lab/insights/query.ts';
import { needlesOf } from '../../../lab/insights/prefilter.ts';
import { parseQuery } from '../../../lab/insights/parse-query.ts';
import { jsonLine } from './json.ts';
import { runBytes } from './support.ts';

type Record_ = Readonly<Record<string, string | number | null>>;

const field = fc.constantFrom('event', 'n', 'table');
const record: fc.Arbitrary<Record_> = fc.record(
  {
    event: fc.constantFrom('insert_ok', 'insert_failed', 'heartbeat', 'heart\\beat', 'ä/ö'),
    n: fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom('3', '-2', 'none', null)),
    table: fc.constantFrom('frames', 'blocks', 'insert_ok', ''),
  },
  { requiredKeys: [] },
);

interface Condition {
  readonly text: string;
  readonly holds: (record: Record_) => boolean | null;
}

const leaf: fc.Arbitrary<Condition> = fc.oneof(
  fc
    .tuple(field, fc.constantFrom('=', '!='), fc.constantFrom('insert_ok', 'heartbeat', 'frames', 'heart\\beat', 'ä/ö'))
    .map(([name, operator, text]) => ({
      text: `${name} ${operator} ${JSON.stringify(text)}`,
      holds: (one: Record_) => known(one[name], (value) => (value === text) === (operator === '=')),
    })),
  fc.tuple(fc.constantFrom('<', '>='), fc.integer({ min: -5, max: 5 })).map(([operator, bound]) => ({
    text: `n ${operator} ${bound}`,
    holds: ({ n }: Record_) =>
      known(n, (value) => {
        if (value === 'none') return false;
        return Number(value) < bound === (operator === '<');
      }),
  })),
  fc.tuple(field, fc.constantFrom('insert', 'beat', 'ram', 'zzz')).map(([name, part]) => ({
    text: `${name} like ${JSON.stringify(part)}`,
    holds: (one: Record_) => known(one[name], (value) => String(value).includes(part)),
  })),
  fc.tuple(field, fc.subarray(['insert_ok', 'frames', 'blocks'])).map(([name, list]) => ({
    text: `${name} in ${JSON.stringify(list)}`,
    holds: (one: Record_) => known(one[name], (value) => list.includes(String(value))),
  })),
);

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.tuple(tie('condition'), tie('condition'), fc.boolean()).map(([left, right, isAnd]) => ({
      text: `(${left.text} ${isAnd ? 'and' : 'or'} ${right.text})`,
      holds: (one: Record_) => {
        const [a, b] = [left.holds(one), right.holds(one)];
        if (a === !isAnd || b === !isAnd) return !isAnd;
        return a === null || b === null ? null : isAnd;
      },
    })),
    tie('condition').map((inner) => ({
      text: `not ${inner.text.startsWith('(') ? inner.text : `(${inner.text})`}`,
      holds: (one: Record_) => {
        const holds = inner.holds(one);
        return holds === null ? null : !holds;
      },
    })),
  ),
}));

function known(value: Record_[string] | undefined, holds: (value: string | number) => boolean): boolean | null {
  return value === undefined || value === null ? null : holds(value);
}

/** filter and stats, as plainly as they can be written. */
function reference(records: readonly Record_[], { holds }: Condition, by: string) {
  const groups = new Map<string | null, Record_[]>();
  for (const one of records.filter((each) => holds(each) === true)) {
    const key = one[by] === undefined || one[by] === null ? null : String(one[by]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups].map(([key, group]) => {
    const numbers = group
      .map(({ n }) => n)
      .filter((n) => n !== undefined && n !== null && n !== 'none')
      .map(Number)
      .sort((a, b) => a - b);
    const middle = (numbers.length - 1) / 2;
    const sum = numbers.reduce((total, n) => total + n, 0);
    return {
      key,
      c: group.length,
      cn: group.filter(({ n }) => n !== undefined && n !== null).length,
      d: new Set(
        group
          .map(({ n }) => n ?? null)
          .filter((n) => n !== null)
          .map(String),
      ).size,
      s: sum,
      a: numbers.length === 0 ? null : sum / numbers.length,
      m: numbers.length === 0 ? null : (numbers[Math.floor(middle)]! + numbers[Math.ceil(middle)]!) / 2,
    };
  });
}

describe('filter and stats', () => {
  const queryOf = (text: string, by: string) =>
    `filter ${text} | stats count(*) as c, count(n) as cn, count_distinct(n) as d, sum(n) as s, avg(n) as a, median(n) as m by ${by} as key`;

  test('give what a plain reference gives, from events and from the bytes of a file', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(record, { maxLength: 30 }), condition, field, async (records, where, by) => {
        const query = queryOf(where.text, by);
        const lines = records.map((one) => JSON.stringify(one));
        const expected = reference(records, where, by).map((row) => ({ ...row, key: row.key }));
        const fromEvents = compileQuery(query).run(lines.map((message) => ({ message })));
        expect(
          fromEvents.rows.map((row) => ({ ...row, key: row['key'] === null ? null : String(row['key']) })),
        ).toEqual(expected);
        const fromBytes = await runBytes(query, `${lines.join('\r\n')}\n`, 37);
        expect(fromBytes).toEqual(fromEvents);
      }),
      { numRuns: 300 },
    );
  });

  test('a file of any JSON gives what its lines give as events', async () => {
    const queries = [
      'filter event = "event" or a like "eve" | fields event, a, n',
      'filter b in ["aaa", "event"] | stats count(*) by b, bin(1h)',
      'stats count(*), max(n) by event, bin(1h)',
      'fields @timestamp, @message, b.a.0',
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(jsonLine, { maxLength: 10 }), fc.constantFrom(...queries), async (lines, query) => {
        const messages = lines.filter((line) => !line.includes('\r'));
        const fromEvents = compileQuery(query).run(messages.map((message) => ({ message })));
        expect(await runBytes(query, messages.join('\n'), 61)).toEqual(fromEvents);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the prefilter', () => {
  const needles = (query: string) => needlesOf(parseQuery(query));

  test.each([
    ['filter event = "heartbeat"', ['heartbeat']],
    ['filter event = "heartbeat" and level = "INFO"', ['heartbeat']],
    ['filter event = "heartbeat" or level = "INFO"', ['heartbeat', 'INFO']],
    ['filter event in ["one", "three"] | filter x like "longest"', ['longest']],
    ['fields a as x | filter event = "heartbeat"', ['heartbeat']],
  ])('of %s looks for %j', (query, expected) => {
    expect(needles(query)).toEqual(expected);
  });

  test.each([
    'filter event != "heartbeat"',
    'filter not event = "heartbeat"',
    'filter event = "heartbeat" or ispresent(x)',
    'filter @message like "heartbeat"',
    'filter n = "12345"',
    'filter n like "12.5"',
    'filter event = "a/bcd"',
    'filter event = "a\\"bcd"',
    'filter event = "ab"',
    'filter event like /heartbeat/',
    'fields concat("heart", "beat") as event | filter event = "heartbeat"',
    'parse "x*" as event | filter event = "heartbeat"',
    'limit 5 | filter event = "heartbeat"',
    'stats count(*) as event | filter event = "heartbeat"',
  ])('of %s lets every line through', (query) => {
    expect(needles(query)).toBeUndefined();
  });

  test('a text that JSON wrote with escapes is found all the same', async () => {
    const { rows, statistics } = await runBytes(
      'filter event = "heartbeat" | fields event',
      '{"event":"h\\u0065artbeat"}\n{"event":"other"}\n\n{"event":"heartbeat"}',
    );
    expect(rows).toHaveLength(2);
    expect(statistics).toEqual({ recordsMatched: 2, recordsScanned: 3, bytesScanned: 64 });
  });
});
