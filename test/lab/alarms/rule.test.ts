import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { compileComposites, evaluateComposite } from '../../../lab/alarms/composites.ts';
import { AlarmError } from '../../../lab/alarms/definition.ts';
import { RuleError } from '../../../lab/alarms/rule/error.ts';
import { alarmsOf, holds } from '../../../lab/alarms/rule/node.ts';
import { MOST_CHILDREN, MOST_ELEMENTS, parseRule } from '../../../lab/alarms/rule/parse.ts';
import { ALARM_STATES, type AlarmState } from '../../../lab/alarms/state.ts';
import { composite, metricAlarm } from './alarms.ts';

const STATES: Readonly<Record<string, AlarmState>> = { a: 'ALARM', b: 'OK', c: 'INSUFFICIENT_DATA', d: 'ALARM' };
const isTrue = (rule: string): boolean => holds(parseRule(rule), (name) => STATES[name] ?? 'OK');

describe('a rule', () => {
  test.each([
    ['TRUE', true],
    ['FALSE', false],
    ['ALARM(a)', true],
    ['ALARM("a")', true],
    ['OK(a)', false],
    ['INSUFFICIENT_DATA(c)', true],
    ['NOT ALARM(a)', false],
    ['NOT NOT ALARM(a)', true],
    // NOT before AND before OR
    ['NOT ALARM(a) OR ALARM(d)', true],
    ['NOT (ALARM(a) OR ALARM(d))', false],
    ['ALARM(a) OR ALARM(b) AND ALARM(c)', true],
    ['(ALARM(a) OR ALARM(b)) AND ALARM(c)', false],
    ['ALARM(b) AND ALARM(c) OR ALARM(a)', true],
    ['\n ( ALARM ( "a" ) AND\tNOT OK( a ) ) ', true],
    ['AT_LEAST(2, ALARM, (a, b, d))', true],
    ['AT_LEAST(3, ALARM, ("a", "b", "d"))', false],
    ['AT_LEAST(1, NOT ALARM, (a, b))', true],
    ['AT_LEAST(2, NOT ALARM, (a, b))', false],
    // two of three are 66.7 %
    ['AT_LEAST(66%, ALARM, (a, b, d))', true],
    ['AT_LEAST(67%, ALARM, (a, b, d))', false],
    ['AT_LEAST(50%, OK, (b, c)) AND TRUE', true],
  ])('%s is %s', (rule, expected) => {
    expect(isTrue(rule)).toBe(expected);
  });

  test('names alarms by ARN, with spaces and with quotes', () => {
    const arn = 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:Tape: lag (dev)';
    expect(alarmsOf(parseRule(`ALARM("${arn}") OR OK("a \\"b\\"") OR OK(arn:aws:x:alarm:plain)`))).toEqual([
      arn,
      'a "b"',
      'arn:aws:x:alarm:plain',
    ]);
  });

  test.each([
    ['', 0],
    ['ALARM', 5],
    ['ALARM()', 6],
    ['ALARM(a', 7],
    ['ALARM(a) ALARM(b)', 9],
    ['ALARM(a) XOR ALARM(b)', 9],
    ['alarm(a)', 0],
    ['ALARM(a) AND', 12],
    ['(ALARM(a)', 9],
    ['ALARM("a)', 6],
    ['UNKNOWN(a)', 0],
    ['AT_LEAST(0, ALARM, (a))', 9],
    ['AT_LEAST(3, ALARM, (a, b))', 9],
    ['AT_LEAST(101%, ALARM, (a))', 9],
    ['AT_LEAST(x, ALARM, (a))', 9],
    ['AT_LEAST(1, (a))', 12],
    ['AT_LEAST(1, ALARM, a)', 19],
  ])('%s is an error with its position', (rule, position) => {
    let error: unknown;
    try {
      parseRule(rule);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(RuleError);
    expect(error).toMatchObject({ position });
  });

  test('beyond CloudWatch’s bounds is refused', () => {
    const many = (count: number): string => Array.from({ length: count }, (_, at) => `ALARM(a${at})`).join(' OR ');
    expect(() => parseRule(many(MOST_CHILDREN))).not.toThrow();
    expect(() => parseRule(many(MOST_CHILDREN + 1))).toThrow(RuleError);
    expect(() => parseRule(`${'('.repeat(MOST_ELEMENTS)}TRUE${')'.repeat(MOST_ELEMENTS)}`)).toThrow(RuleError);
    expect(() => parseRule(`ALARM("${'a'.repeat(10_240)}")`)).toThrow(RuleError);
  });
});

property.prop([fc.string({ maxLength: 80 })])('any text is a rule or a RuleError', (text) => {
  try {
    parseRule(text);
  } catch (error) {
    expect(error).toBeInstanceOf(RuleError);
  }
});

interface Tree {
  readonly rule: string;
  readonly holds: (states: readonly AlarmState[]) => boolean;
}
const NAMES = ['a', 'b', 'c', 'd'];

/** Rules with what they should say, by plain boolean algebra; AND, OR and NOT are written without needless parentheses. */
const { any: rules } = fc.letrec<{ any: Tree; all: Tree; one: Tree }>((tie) => ({
  any: fc.array(tie('all'), { minLength: 1, maxLength: 3 }).map((parts) => ({
    rule: parts.map(({ rule }) => rule).join(' OR '),
    holds: (states) => parts.some((part) => part.holds(states)),
  })),
  all: fc.array(tie('one'), { minLength: 1, maxLength: 3 }).map((parts) => ({
    rule: parts.map(({ rule }) => rule).join(' AND '),
    holds: (states) => parts.every((part) => part.holds(states)),
  })),
  one: fc.oneof(
    { maxDepth: 4 },
    fc.tuple(fc.nat(NAMES.length - 1), fc.constantFrom(...ALARM_STATES)).map(([at, state]) => ({
      rule: `${state}("${NAMES[at]!}")`,
      holds: (states: readonly AlarmState[]) => states[at] === state,
    })),
    fc.boolean().map((value) => ({ rule: value ? 'TRUE' : 'FALSE', holds: () => value })),
    tie('one').map((of) => ({ rule: `NOT ${of.rule}`, holds: (states: readonly AlarmState[]) => !of.holds(states) })),
    tie('any').map((of) => ({ rule: `(${of.rule})`, holds: (states: readonly AlarmState[]) => of.holds(states) })),
    fc.tuple(fc.integer({ min: 1, max: NAMES.length }), fc.constantFrom(...ALARM_STATES)).map(([count, state]) => ({
      rule: `AT_LEAST(${count}, ${state}, (${NAMES.join(', ')}))`,
      holds: (states: readonly AlarmState[]) => states.filter((one) => one === state).length >= count,
    })),
  ),
}));
const someStates = fc.array(fc.constantFrom(...ALARM_STATES), { minLength: 4, maxLength: 4 });

property.prop([rules, someStates])('a rule agrees with plain boolean algebra', (tree, states) => {
  expect(holds(parseRule(tree.rule), (name) => states[NAMES.indexOf(name)]!)).toBe(tree.holds(states));
});

describe('composite alarms', () => {
  const lag = metricAlarm();

  test('come after those they look at, whatever the order they are given in', () => {
    const top = composite('top', 'ALARM(middle)');
    const middle = composite('middle', `ALARM("${lag.arn}")`);
    expect(compileComposites([top, middle], [lag]).map(({ alarm }) => alarm.name)).toEqual(['middle', 'top']);
  });

  test('are in ALARM while the rule holds and OK otherwise, never without data', () => {
    const [one] = compileComposites([composite('one', 'ALARM(lag)')], [lag]);
    expect(ALARM_STATES.map((state) => evaluateComposite(one!, () => state).state)).toEqual(['OK', 'ALARM', 'OK']);
  });

  test.each([
    ['a circle', [composite('x', 'ALARM(y)'), composite('y', 'OK(x)')]],
    ['a rule about itself', [composite('x', 'NOT ALARM(x)')]],
    ['an alarm that does not exist', [composite('x', 'ALARM(gone)')]],
    ['a rule that does not parse', [composite('x', 'ALARM(')]],
    [
      'a suppressor that does not exist',
      [composite('x', 'ALARM(lag)', { suppressor: { alarm: 'gone', wait_ms: 0, extension_ms: 0 } })],
    ],
  ])('with %s are refused', (_, composites) => {
    expect(() => compileComposites(composites, [lag])).toThrow(AlarmError);
  });
});
