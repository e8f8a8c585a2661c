import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { ConfigurationError, parseEnvironment } from '../../core/contract/environment.ts';
import { type ProbeEnv, probeEnv } from '../../core/contract/probe-env.ts';
import { VERSION } from '../../core/contract/version.ts';
import { type EventLog, eventLog } from '../../core/logging/event-log.ts';
import { Redactor } from '../../core/logging/redact.ts';
import { redactedWriter } from '../../core/logging/redacted.ts';
import { Secret } from '../../core/logging/secret.ts';
import { environmentWith } from '../environment.ts';
import { powertoolsWriter } from '../powertools.ts';
import { ClickHouse } from './clickhouse.ts';
import { probe } from './probe.ts';

const SERVICE = 'kalshi-tape-probe';
/** Kept back from the invocation's time, for the line that says what came of it. */
const ANSWER_RESERVE_MS = 1_000;
const SHORTEST_PROBE_MS = 100;

const logger = new Logger({ serviceName: SERVICE });
const env = await configure();
const log = logWithout(env.CLICKHOUSE_PASSWORD);
logStart(env, log);
const clickhouse = new ClickHouse(env);

/** Lambda's entry, by schedule: one look at the warehouse, one line. What failed is told, not thrown: nobody retries it. */
export async function handler(_event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<void> {
  const remainingMs = context.getRemainingTimeInMillis() - ANSWER_RESERVE_MS;
  const timeoutMs = Math.max(SHORTEST_PROBE_MS, Math.min(env.PROBE_TIMEOUT_MS, remainingMs));
  await probe({ clickhouse, log, now: () => performance.now() }, timeoutMs);
}

async function configure(): Promise<ProbeEnv> {
  try {
    const parsed = parseEnvironment('probe', probeEnv, await environmentWith(['CLICKHOUSE_PASSWORD']));
    logger.setLogLevel(parsed.LOG_LEVEL);
    return parsed;
  } catch (error) {
    const faults = error instanceof ConfigurationError ? error.faults : [String(error)];
    logWithout(new Secret(process.env['CLICKHOUSE_PASSWORD'] ?? ''))('probe_refused', { faults });
    throw error;
  }
}

function logWithout(secret: Secret): EventLog {
  return eventLog(redactedWriter(powertoolsWriter(logger), new Redactor([secret])));
}

function logStart(started: ProbeEnv, to: EventLog): void {
  const url = new URL(started.CLICKHOUSE_URL);
  to('probe_started', {
    version: VERSION,
    git_commit: started.GIT_COMMIT,
    node_version: process.version,
    ch_url: `${url.protocol}//${url.host}`,
    ch_database: started.CLICKHOUSE_DATABASE,
    ch_user: started.CLICKHOUSE_USER,
    log_level: started.LOG_LEVEL,
  });
}
