import {
  type CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  DescribeQueryDefinitionsCommand,
} from '@aws-sdk/client-cloudwatch-logs';

/** A query as a stage's deployment saved it. */
export interface Saved {
  readonly title: string;
  readonly text: string;
  readonly logGroups: readonly string[];
}

/** A stage has some thirty; more pages than this are somebody else's account. */
const PAGES_MAX = 20;

/** What the stage has in the account. Throws where it has nothing: nothing was asked then. */
export async function savedQueries(
  client: CloudWatchLogsClient,
  stage: string,
  abortSignal: AbortSignal,
): Promise<readonly Saved[]> {
  const folder = `kalshi-tape/${stage}/`;
  const found: Saved[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const command = new DescribeQueryDefinitionsCommand({ queryDefinitionNamePrefix: folder, nextToken });
    const answer = await client.send(command, { abortSignal });
    for (const { name = '', queryString = '', logGroupNames = [] } of answer.queryDefinitions ?? [])
      found.push({ title: name.slice(folder.length), text: queryString, logGroups: logGroupNames });
    nextToken = answer.nextToken;
    if (nextToken === undefined) break;
  }
  if (found.length === 0)
    throw new Error(`no saved query below ${folder} in this account and region: is the stage deployed here?`);
  return found;
}

/** ARNs of log groups by name, as Live Tail wants them. Throws where one is not there. */
export async function logGroupArns(
  client: CloudWatchLogsClient,
  names: readonly string[],
  abortSignal: AbortSignal,
): Promise<readonly string[]> {
  return Promise.all(
    names.map(async (name) => {
      const answer = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }), { abortSignal });
      const arn = answer.logGroups?.find(({ logGroupName }) => logGroupName === name)?.logGroupArn;
      if (arn === undefined) throw new Error(`there is no log group ${name}; nothing was read`);
      return arn;
    }),
  );
}
