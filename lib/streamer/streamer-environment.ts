import type { z } from 'zod';
import { STREAMER_PROCESS_ENV } from '../../core/contract/runtime.ts';
import type { streamerEnv } from '../../core/contract/streamer-env.ts';
import type { Compute } from '../stage/compute.ts';
import type { StageSettings } from '../stage/settings.ts';

/** The one folder that the container may write: a volume of the task's own. The Dockerfile makes it for its user. */
export const STATE_DIR = '/var/lib/kalshi-tape';
/** The exchange's key in its secret, and the variables they become. */
export const KALSHI_SECRET_KEYS = ['KALSHI_API_KEY_ID', 'KALSHI_PRIVATE_KEY'] as const;
/** Flushing at the end may take this long; ECS waits longer (STOP_TIMEOUT_SEC). */
const SHUTDOWN_TIMEOUT_MS = 60_000;

type Variables = Readonly<Partial<Record<keyof z.input<typeof streamerEnv>, string>>>;

export interface StreamerFacts {
  readonly streamName: string;
  readonly region: string;
  readonly clickhouseUrl: string;
  readonly gitCommit: string;
}

/** The container's environment. The names are the program's own: a wrong one does not compile. */
export function streamerEnvironment(settings: StageSettings, facts: StreamerFacts): Record<string, string> {
  const variables = {
    ...(settings.exchangeUrl === undefined ? {} : { KALSHI_WS_URL: settings.exchangeUrl }),
    MARKETS: settings.markets.join(','),
    CHANNELS: settings.channels.join(','),
    STREAM_NAME: facts.streamName,
    AWS_REGION: facts.region,
    // On the task's disk, not in its memory.
    SPOOL_DIR: `${STATE_DIR}/spool`,
    SPOOL_MAX_MB: String(settings.spoolMb),
    HEALTH_FILE: `${STATE_DIR}/health.json`,
    SHUTDOWN_TIMEOUT_MS: String(SHUTDOWN_TIMEOUT_MS),
    LOG_LEVEL: settings.logLevel,
    GIT_COMMIT: facts.gitCommit,
    INSTANCE_TYPE: instanceTypeOf(settings.compute),
    CLICKHOUSE_URL: facts.clickhouseUrl,
    CLICKHOUSE_DATABASE: settings.clickhouse.database,
    CLICKHOUSE_USER: settings.clickhouse.user,
  } satisfies Variables;
  const told = Object.entries({ ...variables, ...STREAMER_PROCESS_ENV });
  return Object.fromEntries(told.filter(([, value]) => value !== ''));
}

function instanceTypeOf(compute: Compute): string {
  return compute.kind === 'ec2' ? compute.instanceType : `FARGATE ${compute.cpu}/${compute.memoryMiB}`;
}
