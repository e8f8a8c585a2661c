import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context, KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigurationError, parseEnvironment } from '../../core/contract/environment.ts';
import { METRIC_NAMESPACE } from '../../core/contract/names.ts';
import { sinkEnv } from '../../core/contract/sink-env.ts';
import { VERSION } from '../../core/contract/version.ts';
import { eventLog } from '../../core/logging/event-log.ts';
import { Redactor } from '../../core/logging/redact.ts';
import { redactedWriter } from '../../core/logging/redacted.ts';
import { Secret } from '../../core/logging/secret.ts';
import { ClickHouse } from './clickhouse.ts';
import { powertoolsWriter } from './powertools.ts';
import { type Landed, Sink } from './sink.ts';

const SERVICE = 'kalshi-tape-sink';

const logger = new Logger({ serviceName: SERVICE });
const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: SERVICE });
const redactor = new Redactor([new Secret(process.env['CLICKHOUSE_PASSWORD'] ?? '')]);
const log = eventLog(redactedWriter(powertoolsWriter(logger), redactor));
const env = configure();
const clickhouse = new ClickHouse(env);
const sink = new Sink(
  {
    clickhouse,
    log,
    clock: { now: Date.now, sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }) },
    random: Math.random,
    onLanded: count,
  },
  { attempts: env.INSERT_ATTEMPTS, timeoutMs: env.INSERT_TIMEOUT_MS },
);

/** Lambda's entry: Kinesis batches into ClickHouse. */
export async function handler(event: KinesisStreamEvent, context: Context): Promise<KinesisStreamBatchResponse> {
  logger.addContext(context);
  const remainingMs = context.getRemainingTimeInMillis();
  const response = await sink.handle(event, { requestId: context.awsRequestId, remainingMs });
  metrics.publishStoredMetrics();
  return response;
}

/** A function that cannot work must fail loudly at its start: the stream keeps the data. */
function configure() {
  try {
    const parsed = parseEnvironment('sink', sinkEnv, process.env);
    logger.setLogLevel(parsed.LOG_LEVEL);
    const url = new URL(parsed.CLICKHOUSE_URL);
    log('sink_started', {
      version: VERSION,
      node_version: process.version,
      ch_url: `${url.protocol}//${url.host}`,
      ch_database: parsed.CLICKHOUSE_DATABASE,
      ch_user: parsed.CLICKHOUSE_USER,
      log_level: parsed.LOG_LEVEL,
    });
    return parsed;
  } catch (error) {
    log('sink_refused', { faults: error instanceof ConfigurationError ? error.faults : [String(error)] });
    throw error;
  }
}

function count(landed: Landed): void {
  metrics.addMetric('FramesLanded', MetricUnit.Count, landed.frames);
  metrics.addMetric('RowsLanded', MetricUnit.Count, landed.rows);
  metrics.addMetric('BlocksLanded', MetricUnit.Count, landed.blocks);
  metrics.addMetric('DuplicateBlocks', MetricUnit.Count, landed.duplicates);
  metrics.addMetric('Rejects', MetricUnit.Count, landed.rejects);
  metrics.addMetric('UnknownTypes', MetricUnit.Count, landed.unknownTypes);
  metrics.addMetric('IngestLag', MetricUnit.Seconds, landed.ingest_lag_sec);
}
