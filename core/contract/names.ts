/** The database and tables are a contract: queries, dashboards and users' own SQL are built on them. */
export const DEFAULT_DATABASE = 'kalshi';

export const TABLES = [
  'frames',
  'orderbook_snapshots',
  'orderbook_deltas',
  'trades',
  'tickers',
  'lifecycle',
  'sessions',
  'subscriptions',
  'gaps',
  'rejects',
  'blocks',
] as const;

export type TableName = (typeof TABLES)[number];

/** CloudWatch namespace of every metric of ours. */
export const METRIC_NAMESPACE = 'KalshiTape';
/** The Kinesis stream, where no other name is configured. */
export const DEFAULT_STREAM_NAME = 'kalshi-tape';
/** Longer than the longest ClickHouse outage that is promised to cost nothing: three days. */
export const STREAM_RETENTION_HOURS = 96;
