import fc from 'fast-check';

/** Keys that queries ask for, and others that look like them. */
const KEYS = ['event', 'n', 'a', 'a.b', 'b', 'timestamp', 'time', '@timestamp', '_aws', 'even', 'ä', 'x"y', '', '0'];

const ESCAPES = fc.constantFrom('\\n', '\\"', '\\\\', '\\/', '\\u0061', '\\ud83d\\ude00', '\\t');
const text = fc
  .array(fc.oneof(fc.constantFrom('a', 'event', 'ä', '😀', ' ', '{', '}', ',', ':', '[', '5'), ESCAPES), {
    maxLength: 5,
  })
  .map((parts) => `"${parts.join('')}"`);
const key = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...KEYS).map((name) => JSON.stringify(name)) },
  fc.constantFrom('"\\u0065vent"', '"\\u006e"', '"a\\/b"'),
  text,
);
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.constantFrom(
    '0',
    '-0',
    '1.50',
    '0.1',
    '123456789012345',
    '1234567890123456',
    '0.30000000000000004',
    '1e5',
    '-2E-3',
  ),
  fc.integer().map(String),
);
const time = fc.constantFrom(
  ...[
    '"2026-11-23T22:00:00.123Z"',
    '"2026-02-31T22:00:00.123Z"',
    '"2026-11-23T25:00:00.000Z"',
    '"2026-11-23T22:60:00.000Z"',
    '"2026-11-23 22:00:00"',
  ],
  ...['1795471200000', '1795471200', '"soon"', '{"Timestamp":1795471200000}', '"2026-11-23T22:00:00.123+01:00"'],
);
const space = fc.constantFrom('', '', '', ' ', '\t', '\r', '  ');

const { value } = fc.letrec<{ value: string; object: string; list: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(text, number, time, fc.constantFrom('true', 'false', 'null')),
    tie('object'),
    tie('list'),
  ),
  object: fc
    .array(fc.tuple(space, key, space, tie('value'), space), { maxLength: 6 })
    .map((members) => `{${members.map(([a, name, b, held, c]) => `${a}${name}${b}:${b}${held}${c}`).join(',')}}`),
  list: fc
    .array(fc.tuple(space, tie('value')), { maxLength: 4 })
    .map((items) => `[${items.map((i) => i.join('')).join(',')}]`),
}));

/** One line of JSON, as odd as JSON may be: any order, twice the same key, escapes, spaces, nesting. */
export const jsonLine = fc
  .array(fc.tuple(space, key, space, value, space), { minLength: 1, maxLength: 8 })
  .map((members) => `{${members.map(([a, name, b, held, c]) => `${a}${name}${b}:${b}${held}${c}`).join(',')}}`);

/** A line of JSON that something happened to: bytes cut out, put in or changed. */
export const brokenLine = fc
  .tuple(
    jsonLine,
    fc.nat(),
    fc.nat({ max: 3 }),
    fc.constantFrom('', '"', '\\', '{', '}', ',', '0', '-', 'x', '.', '\u0001'),
  )
  .map(([line, at, cut, put]) => {
    const from = at % (line.length + 1);
    return line.slice(0, from) + put + line.slice(from + cut);
  });
