import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { ConfigurationError, parseEnvironment } from '../../core/contract/environment.ts';
import { probeEnv } from '../../core/contract/probe-env.ts';
import { VERSION } from '../../core/contract/version.ts';
import { eventLog } from '../../core/logging/event-log.ts';
import { Redactor } from '../../core/logging/redact.ts';
import { redactedWriter } from '../../core/logging/redacted.ts';
import { Secret } from '../../core/logging/secret.ts';
import { powertoolsWriter } from '../powertools.ts';
import { ClickHouse } from './clickhouse.ts';
import { probe } from './probe.ts';

const SERVICE = 'kalshi-tape-probe';
/** Kept back from the invocation's time, for the line that says what came of it. */
const ANSWER_RESERVE_MS = 1_000;
const SHORTEST_PROBE_MS = 100;

const logger = new Logger({ serviceName: SERVICE });
const redactor = new Redactor([new Secret(process.env['CLICKHOUSE_PASSWORD'] ?? '')]);
const log = eventLog(redactedWriter(powertoolsWriter(logger), redactor));
const env = configure();
const clickhouse = new ClickHouse(env);

/** Lambda's entry, by schedule: one look at the warehouse, one line. What failed is told, not thrown: nobody retries it. */
export async function handler(_event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<void> {
  const remainingMs = context.getRemainingTimeInMillis() - ANSWER_RESERVE_MS;
  const timeoutMs = Math.max(SHORTEST_PROBE_MS, Math.min(env.PROBE_TIMEOUT_MS, remainingMs));
  await probe({ clickhouse, log, now: () => performance.now() }, timeoutMs);
}

function configure() {
  try {
    const parsed = parseEnvironment('probe', probeEnv, process.env);
    logger.setLogLevel(parsed.LOG_LEVEL);
    const url = new URL(parsed.CLICKHOUSE_URL);
    log('probe_started', {
      version: VERSION,
      git_commit: parsed.GIT_COMMIT,
      node_version: process.version,
      ch_url: `${url.protocol}//${url.host}`,
      ch_database: parsed.CLICKHOUSE_DATABASE,
      ch_user: parsed.CLICKHOUSE_USER,
      log_level: parsed.LOG_LEVEL,
    });
    return parsed;
  } catch (error) {
    log('probe_refused', { faults: error instanceof ConfigurationError ? error.faults : [String(error)] });
    throw error;
  }
}
