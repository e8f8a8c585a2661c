import {
  CloudWatchLogsClient,
  GetQueryResultsCommand,
  type GetQueryResultsCommandOutput,
  StartQueryCommand,
  StopQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Evidence, Query, Row } from './evidence.ts';

/** Between two looks at a query; most take one or two seconds. AWS takes ten looks a second. */
const POLL_MS = 500;
/** For the word that nobody waits for the query any more. */
const STOP_WITHIN_MS = 1_000;
const MS_PER_SEC = 1_000;
/** What Logs Insights adds to every row, and no person reads. */
const POINTER = '@ptr';

/** The query ended without an answer. Nothing was changed by it. */
class QueryEndedError extends Error {
  constructor(status: string) {
    super(`the query ended as ${status}; there are no lines`);
    this.name = status === 'Timeout' ? 'TimeoutError' : 'QueryEndedError';
  }
}

/** Runs queries with Logs Insights. */
export class LogsInsights {
  readonly #client: CloudWatchLogsClient;
  readonly #pollMs: number;

  constructor(client: CloudWatchLogsClient, pollMs = POLL_MS) {
    this.#client = client;
    this.#pollMs = pollMs;
  }

  /**
   * Rejects with the signal's reason when it aborts, whatever the server does; the query is then told to stop. `onProgress`
   * hears how many records were scanned so far.
   */
  async run(
    { text, logGroups, from_ms, to_ms }: Query,
    abortSignal: AbortSignal,
    onProgress?: (recordsScanned: number) => void,
  ): Promise<Evidence> {
    const { queryId } = await this.#client.send(
      new StartQueryCommand({
        queryString: text,
        logGroupNames: [...logGroups],
        startTime: Math.floor(from_ms / MS_PER_SEC),
        endTime: Math.ceil(to_ms / MS_PER_SEC),
      }),
      { abortSignal },
    );
    try {
      for (;;) {
        const answer = await this.#client.send(new GetQueryResultsCommand({ queryId }), { abortSignal });
        if (answer.status === 'Complete') return evidenceOf(answer);
        if (answer.status !== 'Running' && answer.status !== 'Scheduled')
          throw new QueryEndedError(answer.status ?? 'Unknown');
        onProgress?.(answer.statistics?.recordsScanned ?? 0);
        await sleep(this.#pollMs, undefined, { signal: abortSignal });
      }
    } catch (error) {
      if (!abortSignal.aborted) throw error;
      await this.#stop(queryId);
      throw abortSignal.reason;
    }
  }

  /** A query that goes on costs what it scans and one of the account's places; that it cannot be stopped changes nothing. */
  async #stop(queryId: string | undefined): Promise<void> {
    const abortSignal = AbortSignal.timeout(STOP_WITHIN_MS);
    await this.#client.send(new StopQueryCommand({ queryId }), { abortSignal }).catch(() => undefined);
  }
}

function evidenceOf({ results = [], statistics }: GetQueryResultsCommandOutput): Evidence {
  const rows = results.map((row): Row => {
    return row.flatMap(({ field = '', value = '' }) => (field === POINTER || value === '' ? [] : [{ field, value }]));
  });
  return { rows, matched: statistics?.recordsMatched ?? rows.length };
}
