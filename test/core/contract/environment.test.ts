import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { z } from 'zod';
import {
  ConfigurationError,
  csv,
  flag,
  integerFrom,
  numberFrom,
  parseEnvironment,
  whenRead,
} from '../../../core/contract/environment.ts';

const schema = z
  .object({
    NAME: z.string().min(3),
    PORT: integerFrom(1, 65_535).default(80),
    SHARE: numberFrom(0, 1).default(0.5),
    ON: flag.default(false),
    LIST: csv.default([]),
    MODE: z.enum(['fast', 'slow']).default('slow'),
    ADDRESS: z.url().optional(),
    LOW: integerFrom(0, 9).default(1),
    HIGH: integerFrom(0, 9).default(2),
  })
  .refine(({ LOW, HIGH }) => LOW <= HIGH, { path: ['LOW'], error: 'is above HIGH', when: whenRead('LOW', 'HIGH') });

const read = (env: Record<string, string | undefined>) => parseEnvironment('program', schema, env);

function faultsOf(env: Record<string, string | undefined>): readonly string[] {
  try {
    read(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    const { faults, message } = error as ConfigurationError;
    for (const fault of faults) expect(message).toContain(fault);
    expect(message).toContain('program');
    return faults;
  }
  return [];
}

const namesOf = (faults: readonly string[]) => faults.map((fault) => fault.split(':')[0]!.split('.')[0]).sort();

describe('an environment', () => {
  test('is parsed to what its schema says', () => {
    const env = { NAME: 'abc', PORT: '8123', SHARE: '0.25', ON: '1', LIST: 'A,B', MODE: 'fast', OTHER: 'ignored' };
    expect(read(env)).toEqual({
      ...env,
      PORT: 8123,
      SHARE: 0.25,
      ON: true,
      LIST: ['A', 'B'],
      LOW: 1,
      HIGH: 2,
      OTHER: undefined,
    });
  });

  test.each(['', ' ', '\t\n', undefined])('takes a variable that is %j for absent', (blank) => {
    expect(read({ NAME: 'abc', PORT: blank, SHARE: blank, ON: blank, MODE: blank, LIST: blank })).toMatchObject({
      PORT: 80,
      SHARE: 0.5,
      ON: false,
      MODE: 'slow',
      LIST: [],
    });
    expect(faultsOf({ NAME: blank })).toEqual(['NAME: is required']);
  });

  test('names every fault at once, those over several variables too', () => {
    const faults = faultsOf({
      NAME: 'a',
      PORT: '0',
      SHARE: '2',
      ON: 'yes',
      MODE: 'x',
      ADDRESS: 'x',
      LOW: '5',
      HIGH: '4',
    });
    expect(namesOf(faults)).toEqual(['ADDRESS', 'LOW', 'MODE', 'NAME', 'ON', 'PORT', 'SHARE']);
    expect(namesOf(faultsOf({ LOW: '5', HIGH: '4' }))).toEqual(['LOW', 'NAME']);
  });

  test('says nothing of several variables where one of them could not be read', () => {
    expect(namesOf(faultsOf({ NAME: 'abc', LOW: '5', HIGH: 'x' }))).toEqual(['HIGH']);
  });

  const keys = fc.constantFrom('NAME', 'PORT', 'SHARE', 'ON', 'MODE', 'ADDRESS', 'LOW', 'HIGH');

  test.prop([
    fc.dictionary(
      keys,
      fc.stringMatching(/^[a-z]{1,6}$/).map((text) => `s3cr3t${text}`),
    ),
  ])('never shows a value in its faults', (env) => {
    for (const fault of faultsOf({ NAME: '!', ...env })) expect(fault).not.toContain('s3cr3t');
  });

  test.each(['1.5', 'x', '1,5', '65536', '-1', 'Infinity', 'NaN', '0'])('takes %s for no port', (PORT) => {
    expect(namesOf(faultsOf({ NAME: 'abc', PORT }))).toEqual(['PORT']);
  });

  test('reads flags by four words only', () => {
    const flags = ['true', '1', 'false', '0'].map((ON) => read({ NAME: 'abc', ON }).ON);
    expect(flags).toEqual([true, true, false, false]);
    for (const ON of ['TRUE', 'on', '2']) expect(namesOf(faultsOf({ NAME: 'abc', ON }))).toEqual(['ON']);
  });

  test('reads a list without empty parts, spaces and repeats', () => {
    expect(csv.parse(' A, B ,,C,A,\n')).toEqual(['A', 'B', 'C']);
    expect(csv.parse(',')).toEqual([]);
  });
});
