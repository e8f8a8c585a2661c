import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { CommandPorts } from '../../../local/commands/command.ts';

export const NOW = Date.parse('2026-11-23T23:31:00Z');

/** Ports whose lines are kept, and whose account is the loopback server at `url`. */
export function testPorts(url = 'http://127.0.0.1:9', env: CommandPorts['env'] = {}) {
  const lines: string[] = [];
  const notes: string[] = [];
  const ports: CommandPorts = {
    out: (line) => lines.push(line),
    note: (line) => notes.push(line),
    env: { HOME: '/nonexistent', ...env },
    now: () => NOW,
    signal: new AbortController().signal,
    logsClient: () =>
      new CloudWatchLogsClient({
        endpoint: url,
        region: 'us-east-1',
        credentials: { accessKeyId: 'AKID', secretAccessKey: 'key' },
        maxAttempts: 1,
        requestHandler: new NodeHttpHandler(),
      }),
  };
  return { ports, lines, notes };
}
