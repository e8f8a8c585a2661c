import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { afterEach, describe, expect, test } from 'vitest';
import { type Metric, METRICS, patternOf } from '../../../core/logging/metrics.ts';
import { matches } from '../../../core/logging/query.ts';
import { compileFilter } from '../../../lab/filter/compile-filter.ts';
import { checkFilters } from '../../../local/commands/check-filters.ts';
import { exampleLines } from '../../../local/commands/example-lines.ts';
import { tail } from '../../../local/commands/tail.ts';
import { LoopbackAws } from '../../functions/notify/aws.ts';
import { testPorts } from './ports.ts';

let aws: LoopbackAws | undefined;
afterEach(async () => {
  await aws?.stop();
  aws = undefined;
});

/** CloudWatch as the lab knows it, but for lines that hold `wrongAt`. */
async function checked(wrongAt = 'nothing') {
  aws = await LoopbackAws.start(({ input }) => {
    const filter = compileFilter(String(input['filterPattern']));
    const messages = input['logEventMessages'] as readonly string[];
    if (messages.length > 50) return { status: 400, body: { __type: 'InvalidParameterException' } };
    const matched = messages.flatMap((eventMessage, index) =>
      filter.matches(eventMessage) !== eventMessage.includes(wrongAt) ? [{ eventNumber: index + 1, eventMessage }] : [],
    );
    return { body: { matches: matched } };
  });
  const { ports, lines } = testPorts(aws.url);
  return { code: await checkFilters([], ports), lines, counts: JSON.parse(lines.at(-1)!) as Record<string, number> };
}

describe('check-filters', () => {
  test('asks CloudWatch about every metric’s pattern, within its quota', async () => {
    const { code, counts, lines } = await checked();
    expect(code).toBe(0);
    expect(counts).toMatchObject({ filters: Object.keys(METRICS).length, differing: 0 });
    expect(lines).toHaveLength(1);
  });

  test('names the pattern and the line where CloudWatch differs', async () => {
    const { code, counts, lines } = await checked('"event":"heartbeat"');
    expect(code).toBe(1);
    expect(counts['differing']).toBeGreaterThan(0);
    expect(lines[0]).toContain('"heartbeat"');
  });
});

test.each(Object.entries<Metric>(METRICS))(
  'the example lines of %s hold both: what it counts and what it does not',
  (_, metric) => {
    const filter = compileFilter(patternOf(metric));
    const found = exampleLines(metric.where).map((text) => filter.matches(text));
    expect(found).toContain(true);
    expect(found).toContain(false);
    for (const text of exampleLines(metric.where).filter((one) => one.startsWith('{"level"'))) {
      const line = JSON.parse(text) as Record<string, unknown>;
      if (metric.value === 1) expect(filter.matches(text), text).toBe(matches(metric.where, line));
    }
  },
);

test('tail shows the lines of the stage’s log groups as they come, those of a pattern where one is named', async () => {
  const sent: object[] = [];
  async function* session() {
    await Promise.resolve();
    yield { sessionStart: {} };
    yield { sessionUpdate: { sessionResults: [{ message: '{"event":"ws_error"}\n' }] } };
  }
  const send = (command: { readonly input: object }): Promise<object> => {
    sent.push(command.input);
    const { input } = command;
    if ('queryDefinitionNamePrefix' in input)
      return Promise.resolve({
        queryDefinitions: [
          { name: 'kalshi-tape/dev/A', logGroupNames: ['g'] },
          { name: 'kalshi-tape/dev/B', logGroupNames: ['g'] },
        ],
      });
    if ('logGroupNamePrefix' in input)
      return Promise.resolve({
        logGroups: [
          { logGroupName: 'g2', logGroupArn: 'no' },
          { logGroupName: 'g', logGroupArn: 'arn:g' },
        ],
      });
    return Promise.resolve({ responseStream: session() });
  };
  const { ports, lines } = testPorts();
  const code = await tail(['ws_flapping', '--stage', 'dev'], {
    ...ports,
    logsClient: () => ({ send }) as unknown as CloudWatchLogsClient,
  });
  expect(code).toBe(0);
  expect(lines).toEqual(['{"event":"ws_error"}']);
  expect(sent.at(-1)).toEqual({
    logGroupIdentifiers: ['arn:g'],
    logEventFilterPattern: '{ ($.event = "ws_disconnected") || ($.event = "ws_error") }',
  });
});
