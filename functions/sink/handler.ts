import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context, KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigurationError, parseEnvironment } from '../../core/contract/environment.ts';
import { METRIC_NAMESPACE } from '../../core/contract/names.ts';
import { type SinkEnv, sinkEnv } from '../../core/contract/sink-env.ts';
import { VERSION } from '../../core/contract/version.ts';
import { type EventLog } from '../../core/logging/event-log.ts';
import { environmentWith } from '../environment.ts';
import { ClickHouse } from './clickhouse.ts';
import { sinkLog } from './log.ts';
import { publishLanded } from './metrics.ts';
import { Sink } from './sink.ts';
import { Telling } from './telling.ts';

const SERVICE = 'kalshi-tape-sink';

// Without Lambda's context: every line has aws_request_id, and the same names in each line would be half of the log.
const logger = new Logger({ serviceName: SERVICE });
const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: SERVICE });
const env = await configure();
const { log, end } = sinkLog({ logger, secrets: [env.CLICKHOUSE_PASSWORD], lowest: env.LOG_LEVEL, now: Date.now });
logStart(env, log);
const telling = new Telling({ log, publish: (sum) => publishLanded(metrics, sum), now: Date.now });
const sink = new Sink(
  {
    clickhouse: new ClickHouse(env, env.INSERT_TIMEOUT_MS),
    log: telling.log,
    clock: { now: Date.now, sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }) },
    random: Math.random,
    onLanded: (landed) => telling.landed(landed),
  },
  { attempts: env.INSERT_ATTEMPTS, timeoutMs: env.INSERT_TIMEOUT_MS },
);

// Comes where an extension is registered, and locally. Elsewhere the sums of an environment's last half minute are
// untold when it ends: they are in `blocks` all the same.
process.once('SIGTERM', () => {
  telling.end();
  end();
  process.exit(0);
});

/** Lambda's entry: Kinesis batches into ClickHouse. */
export async function handler(event: KinesisStreamEvent, context: Context): Promise<KinesisStreamBatchResponse> {
  telling.turn();
  const remainingMs = context.getRemainingTimeInMillis();
  try {
    return await sink.handle(event, { requestId: context.awsRequestId, remainingMs });
  } finally {
    telling.turn();
  }
}

/** A function that cannot work must fail loudly at its start: the stream keeps the data. */
async function configure(): Promise<SinkEnv> {
  try {
    const parsed = parseEnvironment('sink', sinkEnv, await environmentWith(['CLICKHOUSE_PASSWORD']));
    logger.setLogLevel(parsed.LOG_LEVEL);
    return parsed;
  } catch (error) {
    const faults = error instanceof ConfigurationError ? error.faults : [String(error)];
    sinkLog({ logger, secrets: [], lowest: 'INFO', now: Date.now }).log('sink_refused', { faults });
    throw error;
  }
}

function logStart(started: SinkEnv, to: EventLog): void {
  const url = new URL(started.CLICKHOUSE_URL);
  to('sink_started', {
    version: VERSION,
    git_commit: started.GIT_COMMIT,
    node_version: process.version,
    ch_url: `${url.protocol}//${url.host}`,
    ch_database: started.CLICKHOUSE_DATABASE,
    ch_user: started.CLICKHOUSE_USER,
    log_level: started.LOG_LEVEL,
  });
}
