import { StartLiveTailCommand } from '@aws-sdk/client-cloudwatch-logs';
import { parseArgs } from 'node:util';
import { toFilterPattern } from '../../core/logging/filter-pattern.ts';
import { type CommandPorts, DEFAULT_STAGE, DONE, UsageError } from './command.ts';
import { namedPattern } from './named-pattern.ts';
import { logGroupArns, savedQueries } from './saved-queries.ts';

/** Live Tail takes ten log groups a session (AWS quota). */
const LOG_GROUPS_MAX = 10;

/** Every line of a stage as it comes, or those of one pattern. Until it is interrupted, or AWS ends the session (3 h). */
export async function tail(args: readonly string[], ports: CommandPorts): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { stage: { type: 'string', default: DEFAULT_STAGE } },
  });
  const [name, ...more] = positionals;
  if (more.length > 0) throw new UsageError('one pattern at a time');
  const { out, note, signal } = ports;
  const only = name === undefined ? undefined : toFilterPattern(namedPattern(name).query.where);
  const client = ports.logsClient();
  const saved = await savedQueries(client, values.stage, signal);
  const names = [...new Set(saved.flatMap(({ logGroups }) => logGroups))].slice(0, LOG_GROUPS_MAX);
  const logGroupIdentifiers = [...(await logGroupArns(client, names, signal))];
  const { responseStream } = await client.send(
    new StartLiveTailCommand({ logGroupIdentifiers, ...(only === undefined ? {} : { logEventFilterPattern: only }) }),
    { abortSignal: signal },
  );
  note(`the stage ${values.stage}, ${names.length} log groups, ${name ?? 'every line'}; Ctrl-C ends`);
  try {
    for await (const { sessionUpdate } of responseStream ?? []) {
      if (sessionUpdate?.sessionMetadata?.sampled === true)
        note('note: more than 500 lines a second; AWS shows some of them');
      for (const { message = '' } of sessionUpdate?.sessionResults ?? []) out(message.trimEnd());
    }
  } catch (error) {
    // Who interrupts has seen enough.
    if (!signal.aborted) throw error;
  }
  return DONE;
}
