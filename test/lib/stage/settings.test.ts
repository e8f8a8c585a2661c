import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../../core/contract/environment.ts';
import { EVENT_SOURCE } from '../../../core/contract/event-source.ts';
import { THRESHOLDS } from '../../../core/logging/thresholds.ts';
import { recordAgeOf } from '../../../lib/stage/retention.ts';
import { stageSettingsOf } from '../../../lib/stage/settings.ts';
import { shardsFor } from '../../../lib/stage/shards.ts';
import { CDK, STAGES } from '../synthesized.ts';

describe('stage settings', () => {
  test('two example stages are there and valid', () => {
    expect(STAGES).toEqual(['dev', 'prod']);
    for (const name of STAGES) expect(stageSettingsOf(CDK.context, name).markets.length).toBeGreaterThan(0);
  });

  test('a stage that is not there is named, with those that are; none chosen says how', () => {
    expect(() => stageSettingsOf(CDK.context, 'nope')).toThrow(/nope.*\n.*dev, prod/);
    expect(() => stageSettingsOf(CDK.context, undefined)).toThrow(/-c stage=NAME.*dev, prod/);
  });

  test('every fault is named at once, unknown keys included', () => {
    const thrown = faultsOf({
      retentionHours: 1,
      markets: ['A,B'],
      colour: 'red',
      compute: { kind: 'lambda' },
      thresholds: { nonsense: 1 },
    });
    expect(thrown.map((fault) => fault.split(':')[0]).sort()).toEqual([
      '(stage)',
      'compute.kind',
      'markets.0',
      'retentionHours',
      'thresholds',
    ]);
    expect(thrown.join(' ')).toMatch(/nonsense.*colour/);
  });

  test.each([
    ['markets', { markets: [] }],
    ['markets', { markets: Array.from({ length: 3_000 }, (_, n) => `KXMARKET-${n}`) }],
    ['clickhouse.url', { clickhouse: { user: 'tape', passwordSecret: 'p' } }],
    ['clickhouse.url', { clickhouse: { url: 'https://a:b@c', user: 'tape', passwordSecret: 'p' } }],
    [
      'clickhouse.url',
      {
        clickhouse: { url: 'https://c', host: { imageId: 'ami-0123456789abcdef0' }, user: 'tape', passwordSecret: 'p' },
      },
    ],
    ['kalshiKeySecret', { kalshiKeySecret: 'tape-AbC123' }],
    ['compute.memoryMiB', { compute: { kind: 'fargate', cpu: 256, memoryMiB: 4_096 } }],
    ['compute.instanceType', { compute: { kind: 'ec2', instanceType: 't3.small' } }],
    ['network.publicSubnetIds', { network: { kind: 'given', vpcId: 'vpc-0a', availabilityZones: ['a'] } }],
    [
      'network.availabilityZones',
      { network: { kind: 'given', vpcId: 'vpc-0a', availabilityZones: ['a', 'b'], publicSubnetIds: ['subnet-0a'] } },
    ],
    ['compute.memoryMiB', { compute: { kind: 'ec2', instanceType: 't4g.nano' } }],
    ['compute.memoryMiB', { compute: { kind: 'ec2', instanceType: 't4g.small', memoryMiB: 2_048 } }],
    ['compute.kind', { compute: {} }],
    ['exchangeUrl', { exchangeUrl: 'wss://demo.example.com:8443/ws' }],
    ['network.cidr', { network: { kind: 'create', cidr: '10.300.0.0/24' } }],
    ['network.cidr', { network: { kind: 'create', cidr: '10.20.0.0/28' } }],
    ['alarms.email', { alarms: { email: 'nobody' } }],
    ['logRetentionDays', { logRetentionDays: 2 }],
    ['logLevel', { logLevel: 'ERROR' }],
  ])('%s is a fault where it cannot work', (path, changes) => {
    expect(faultsOf(changes).map((fault) => fault.split(':')[0])).toEqual([path]);
  });

  test.each([
    [{ clickhouse: {} }, ['clickhouse.passwordSecret', 'clickhouse.url', 'clickhouse.user']],
    [
      { clickhouse: { url: 'https://c', host: {} } },
      ['clickhouse.host.imageId', 'clickhouse.passwordSecret', 'clickhouse.url', 'clickhouse.user'],
    ],
    [{ network: { kind: 'given' } }, ['network.availabilityZones', 'network.publicSubnetIds', 'network.vpcId']],
    [
      { network: { kind: 'given', availabilityZones: ['a', 'b'], publicSubnetIds: ['subnet-0a'] } },
      ['network.availabilityZones', 'network.vpcId'],
    ],
    [{ compute: { kind: 'fargate', cpu: 256, memoryMiB: 4_096, colour: 'red' } }, ['compute', 'compute.memoryMiB']],
    [
      { compute: { kind: 'ec2', instanceType: 't4g.nano', memoryMiB: 640, colour: 'red' } },
      ['compute', 'compute.memoryMiB'],
    ],
  ])('one fault hides no other: %j', (changes, paths) => {
    expect(
      faultsOf(changes)
        .map((fault) => fault.split(':')[0])
        .sort(),
    ).toEqual(paths);
  });

  test('what is missing is required, in words of ours; a stage that is nothing at all is a fault', () => {
    const missing = { channels: undefined, clickhouse: undefined, compute: undefined, kalshiKeySecret: undefined };
    expect(faultsOf(missing).sort()).toEqual([
      'channels: is required',
      'clickhouse: is required',
      'compute: is required',
      'kalshiKeySecret: is required',
    ]);
    for (const nothing of [null, 'dev', []])
      expect(() => stageSettingsOf({ stages: { x: nothing } }, 'x')).toThrow(ConfigurationError);
  });

  test('what can just work is taken', () => {
    expect(faultsOf({ compute: { kind: 'ec2', instanceType: 't4g.nano', memoryMiB: 300 } })).toEqual([]);
    expect(faultsOf({ compute: { kind: 'ec2', instanceType: 'c7gn.medium', memoryMiB: 1_024 } })).toEqual([]);
    expect(faultsOf({ exchangeUrl: 'wss://demo.example.com:443/ws' })).toEqual([]);
    expect(faultsOf({ network: { kind: 'create', cidr: '10.255.0.0/16' } })).toEqual([]);
  });

  test('no market is needed where no book is asked for', () => {
    expect(faultsOf({ markets: [], channels: ['trade'] })).toEqual([]);
  });

  test('a stage sets the thresholds that it wants otherwise, and no others change', () => {
    const stages = { x: { ...CDK.context.stages['dev'], thresholds: { gaps: 7 } } };
    const defaults = Object.fromEntries(Object.entries(THRESHOLDS).map(([name, { default: value }]) => [name, value]));
    expect(stageSettingsOf({ stages }, 'x').thresholds).toEqual({ ...defaults, gaps: 7 });
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

describe('the age at which a record goes to the failure destination', () => {
  test.each([24, 48, 72, 96, 8_760])('comes hours before the stream forgets it, with %i hours kept', (hours) => {
    expect(recordAgeOf(hours)).toBeLessThanOrEqual((hours - 6) * 3_600);
    expect(recordAgeOf(hours)).toBeGreaterThanOrEqual(60);
  });

  test('is the promise itself where the stream keeps enough, as prod does', () => {
    expect(recordAgeOf(stageSettingsOf(CDK.context, 'prod').retentionHours)).toBe(EVENT_SOURCE.maximumRecordAge_sec);
  });
});

/** Of the stage dev with these settings changed. */
function faultsOf(changes: object): string[] {
  const stages = { changed: { ...CDK.context.stages['dev'], ...changes } };
  try {
    stageSettingsOf({ stages }, 'changed');
  } catch (error) {
    if (error instanceof ConfigurationError) return [...error.faults];
  }
  return [];
}
