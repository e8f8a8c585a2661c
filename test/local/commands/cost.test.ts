import { describe, expect, test } from 'vitest';
import { costOf } from '../../../local/commands/cost.ts';
import { COST_RATES, printCost } from '../../../local/commands/cost-table.ts';
import { MEASURED } from '../../../local/commands/measured.ts';
import { PRICES } from '../../../local/commands/prices.ts';
import { resourcesOf } from '../../../local/commands/template-resources.ts';
import { synthesized } from '../../lib/synthesized.ts';
import { testPorts } from './ports.ts';

const HOURS = 730;
const LOAD = { messagesPerSec: 1_000, measured: MEASURED[1_000]! };

function dollars(resources: Readonly<Record<string, { Type: string; Properties?: object }>>, item: RegExp): number {
  const { items } = costOf(resourcesOf({ Resources: resources }), LOAD);
  return items.filter((one) => item.test(one.item)).reduce((sum, one) => sum + one.dollars, 0);
}

describe('a stage costs', () => {
  test('its shards, and for their retention beyond a day', () => {
    const stream = (RetentionPeriodHours: number) => ({
      Stream: {
        Type: 'AWS::Kinesis::Stream',
        Properties: { ShardCount: 3, RetentionPeriodHours, StreamModeDetails: { StreamMode: 'PROVISIONED' } },
      },
    });
    expect(dollars(stream(24), /shard/)).toBeCloseTo(3 * HOURS * PRICES.shardHour);
    expect(dollars(stream(24), /retention/)).toBe(0);
    expect(dollars(stream(72), /retention/)).toBeCloseTo(3 * HOURS * PRICES.extendedRetentionShardHour);
    // 26.7 KB a record at about one a second: two units of 25 KB.
    expect(dollars(stream(24), /put/)).toBeCloseTo(((2 * 0.97 * HOURS * 3_600) / 1e6) * PRICES.putUnitsMillion);
  });

  test('an on-demand stream by the hour and the byte', () => {
    const Properties = { RetentionPeriodHours: 24, StreamModeDetails: { StreamMode: 'ON_DEMAND' } };
    expect(dollars({ Stream: { Type: 'AWS::Kinesis::Stream', Properties } }, /on demand/)).toBeCloseTo(29.2);
  });

  test('an alarm on an expression as much as its metrics, and one metric once, however many filters write it', () => {
    const filter = (MetricName: string) => ({
      Type: 'AWS::Logs::MetricFilter',
      Properties: { MetricTransformations: [{ MetricNamespace: 'N', MetricName }] },
    });
    const resources = {
      A: { Type: 'AWS::CloudWatch::Alarm', Properties: { MetricName: 'x' } },
      B: {
        Type: 'AWS::CloudWatch::Alarm',
        Properties: { Metrics: [{ Expression: 'a+b' }, { MetricStat: {} }, { MetricStat: {} }] },
      },
      F: filter('x'),
      G: filter('x'),
      H: filter('y'),
    };
    expect(dollars(resources, /alarms/)).toBeCloseTo(0.3);
    expect(dollars(resources, /metrics$/)).toBeCloseTo(0.3 + 0.6);
  });

  test('a NAT gateway and an endpoint in each subnet, where there are any', () => {
    const resources = {
      Nat: { Type: 'AWS::EC2::NatGateway' },
      Endpoint: { Type: 'AWS::EC2::VPCEndpoint', Properties: { VpcEndpointType: 'Interface', SubnetIds: ['a', 'b'] } },
    };
    expect(dollars(resources, /NAT/)).toBeCloseTo(HOURS * PRICES.natGatewayHour);
    expect(dollars(resources, /endpoints/)).toBeCloseTo(2 * HOURS * PRICES.interfaceEndpointHour);
  });

  test('for the sink as much as it is at work, so never less where more comes', () => {
    const Sink = { Type: 'AWS::Lambda::Function', Properties: { MemorySize: 1_024 } };
    const sinks = COST_RATES.map((messagesPerSec) => {
      const load = { messagesPerSec, measured: MEASURED[messagesPerSec]! };
      return costOf(resourcesOf({ Resources: { Sink } }), load).items.find(({ item }) => item === 'Lambda: the sink')
        ?.dollars;
    });
    expect(sinks).toEqual(sinks.toSorted((a, b) => a! - b!));
    const { invocationsPerSec, invocationSec } = LOAD.measured;
    const calls = invocationsPerSec * HOURS * 3_600;
    const billed = (calls / 1e6) * PRICES.lambdaMillion + calls * invocationSec * PRICES.lambdaGbSecond;
    expect(sinks[1]).toBeCloseTo(billed);
  });

  test('nobody knows what, where an instance has no price: then there is no sum', () => {
    const host = { Type: 'AWS::EC2::LaunchTemplate', Properties: { LaunchTemplateData: { InstanceType: 'x9.huge' } } };
    expect(() => dollars({ host }, /./)).toThrow(/x9.huge/);
  });

  test('what is not reckoned is named', () => {
    expect(costOf(resourcesOf({ Resources: { X: { Type: 'AWS::Redshift::Cluster' } } }), LOAD).unpriced).toEqual([
      'AWS::Redshift::Cluster',
    ]);
  });
});

test.each(['dev', 'prod'])(
  'every resource of the stage %s is reckoned or known to cost nothing, at each rate',
  (stage) => {
    const templates = COST_RATES.map((expectedMessagesPerSecond) =>
      synthesized(stage, { expectedMessagesPerSecond }).toJSON(),
    );
    const { ports, lines } = testPorts();
    expect(printCost(stage, templates, ports)).toBe(0);
    expect(lines.some((line) => line.startsWith('Not in the sum'))).toBe(false);
    const sums = lines
      .find((line) => line.startsWith('sum'))!
      .trim()
      .split(/ +/)
      .slice(1)
      .map(Number);
    expect(sums).toHaveLength(COST_RATES.length);
    for (const sum of sums) expect(sum).toBeGreaterThan(20);
    expect(lines.some((line) => line.includes('NaN'))).toBe(false);
  },
);
