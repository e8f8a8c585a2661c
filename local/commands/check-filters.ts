import { TestMetricFilterCommand } from '@aws-sdk/client-cloudwatch-logs';
import { parseArgs } from 'node:util';
import { type Metric, METRICS, patternOf } from '../../core/logging/metrics.ts';
import { compileFilter } from '../../lab/filter/compile-filter.ts';
import { type CommandPorts, DIFFERS, DONE } from './command.ts';
import { exampleLines } from './example-lines.ts';

/** TestMetricFilter takes fifty messages a call (AWS quota). */
const MESSAGES_MAX = 50;

/**
 * Every metric filter's pattern through CloudWatch's own TestMetricFilter, over lines that it should and should not match:
 * what AWS says must be what the lab says. Nothing is changed in the account.
 */
export async function checkFilters(args: readonly string[], ports: CommandPorts): Promise<number> {
  parseArgs({ args: [...args], options: {} });
  const client = ports.logsClient();
  let lines = 0;
  let differing = 0;
  const metrics = Object.entries(METRICS as Readonly<Record<string, Metric>>);
  for (const [name, metric] of metrics) {
    const filterPattern = patternOf(metric);
    const { matches } = compileFilter(filterPattern);
    const messages = exampleLines(metric.where);
    const matched = new Set<string>();
    for (let from = 0; from < messages.length; from += MESSAGES_MAX) {
      const some = messages.slice(from, from + MESSAGES_MAX);
      const command = new TestMetricFilterCommand({ filterPattern, logEventMessages: some });
      const answer = await client.send(command, { abortSignal: ports.signal });
      // CloudWatch numbers the messages from 1.
      for (const { eventNumber } of answer.matches ?? []) matched.add(some[Number(eventNumber) - 1] ?? '');
    }
    const wrong = messages.filter((message) => matches(message) !== matched.has(message));
    for (const message of wrong)
      ports.out(`${name}: AWS ${matches(message) ? 'does not match' : 'matches'} ${filterPattern}\n  ${message}`);
    if (wrong.length === 0) ports.note(`${name}: as in the lab, ${matched.size} of ${messages.length} lines match`);
    lines += messages.length;
    differing += wrong.length;
  }
  ports.out(JSON.stringify({ filters: metrics.length, lines, differing }));
  return differing === 0 ? DONE : DIFFERS;
}
