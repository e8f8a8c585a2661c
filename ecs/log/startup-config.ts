import type { StreamerEnv } from '../../core/contract/streamer-env.ts';
import { VERSION } from '../../core/contract/version.ts';
import { type FieldsOf, firstTickers } from '../../core/logging/event-log.ts';
import { LOG_BOUNDS } from '../../core/logging/gate.ts';
import { SPOOL_FULL_POLICY } from '../publish/spool.ts';

/** What the environment does not say. */
export interface StartupFacts {
  readonly node_version: string;
  readonly instance_type: string;
  readonly previous_run: string;
}

/** What the streamer was told, for its first line. No secret is among it: what is one cannot be read off `env`. */
export function startupConfig(env: StreamerEnv, facts: StartupFacts): FieldsOf<'startup_config'> {
  const url = new URL(env.KALSHI_WS_URL);
  return {
    recorder_id: env.RECORDER_ID,
    version: VERSION,
    git_commit: env.GIT_COMMIT,
    node_version: facts.node_version,
    instance_type: facts.instance_type,
    ws_url: `${url.protocol}//${url.host}${url.pathname}`,
    channels: env.CHANNELS,
    markets: env.MARKETS.length,
    market_tickers: firstTickers(env.MARKETS),
    markets_per_connection: env.MARKETS_PER_CONNECTION,
    use_yes_price: env.USE_YES_PRICE,
    stream: env.STREAM_NAME,
    ch_url: env.CLICKHOUSE_URL,
    ch_database: env.CLICKHOUSE_DATABASE,
    ch_user: env.CLICKHOUSE_USER,
    flush_rows_threshold: env.FLUSH_ROWS_THRESHOLD,
    flush_secs_threshold: env.FLUSH_SECS_THRESHOLD,
    flush_bytes_threshold: env.FLUSH_BYTES_THRESHOLD,
    publish_queue_max_mb: env.PUBLISH_QUEUE_MAX_MB,
    spool_dir: env.SPOOL_DIR,
    spool_max_mb: env.SPOOL_MAX_MB,
    spool_full_policy: SPOOL_FULL_POLICY,
    heartbeat_secs: env.HEARTBEAT_SECONDS,
    dead_socket_secs: env.DEAD_SOCKET_SECONDS,
    data_silence_secs: env.DATA_SILENCE_SECONDS,
    shutdown_timeout_ms: env.SHUTDOWN_TIMEOUT_MS,
    log_level: env.LOG_LEVEL,
    log_file: env.LOG_FILE,
    log_file_max_mb: env.LOG_FILE_MAX_MB,
    log_bytes_per_minute: LOG_BOUNDS.bytesPerMinute,
    previous_run: facts.previous_run,
  };
}
