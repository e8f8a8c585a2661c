import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../../core/contract/environment.ts';
import { stageSettingsOf } from '../../../lib/stage/settings.ts';
import { shardsFor } from '../../../lib/stage/shards.ts';

const cdk = JSON.parse(readFileSync(new URL('../../../cdk.json', import.meta.url), 'utf8')) as {
  context: { stages: Record<string, object> };
};

describe('stage settings', () => {
  test.each(Object.keys(cdk.context.stages))('the example stage %s is valid', (name) => {
    expect(stageSettingsOf(cdk.context, name).markets.length).toBeGreaterThan(0);
  });

  test('a stage that is not there is named, with those that are', () => {
    expect(() => stageSettingsOf(cdk.context, 'nope')).toThrow(/nope.*\n.*dev, prod/);
  });

  test('every fault is named at once, unknown keys included', () => {
    const stages = { bad: { ...cdk.context.stages['dev'], retentionHours: 1, markets: [], colour: 'red' } };
    const thrown = faultsOf(() => stageSettingsOf({ stages }, 'bad'));
    expect(thrown).toHaveLength(3);
    expect(thrown.join(' ')).toMatch(/markets.*retentionHours.*colour/);
  });
});

describe('shards', () => {
  test.each([
    [1, 1],
    [5_000, 1],
    [20_000, 3],
    [100_000, 12],
  ])('%i messages a second need %i', (rate, shards) => {
    expect(shardsFor(rate)).toBe(shards);
  });
});

function faultsOf(action: () => unknown): readonly string[] {
  try {
    action();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
  }
  return [];
}
