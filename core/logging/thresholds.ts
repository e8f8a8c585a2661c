/** A number that alarms compare with and that a stage may set otherwise. The unit is in the name. */
export interface Threshold {
  readonly default: number;
  readonly means: string;
}

export const THRESHOLDS = {
  ingest_lag_sec: { default: 60, means: 'A frame that Kinesis has not taken for longer lags.' },
  reconnects: { default: 5, means: 'So many connections lost in a quarter of an hour are flapping.' },
  gaps: { default: 20, means: 'So many holes within living connections in a quarter of an hour are a storm.' },
  unclean_starts: { default: 3, means: 'So many starts after unclean runs in a quarter of an hour are a loop.' },
  clock_skew_sec: { default: 5, means: 'Our clock and the exchange’s may differ by this much, the way included.' },
  spool_minutes: { default: 15, means: 'Blocks may wait on disk for this long.' },
  iterator_age_sec: { default: 120, means: 'A record that is older when the sink reads it waits too long.' },
  retention_risk_hours: {
    default: 36,
    means: 'A record that is older when it is read is at risk; never above half of the stream’s retention.',
  },
  insert_duration_sec: { default: 10, means: 'A batch that takes longer to land is slow.' },
  sink_duration_percent: { default: 80, means: 'Share of the sink’s timeout; more is near it.' },
  parts_per_partition: { default: 1_000, means: 'More parts in one partition: merges fall behind.' },
  disk_free_mb: { default: 5_000, means: 'Less free space on ClickHouse’s disk is too little.' },
  log_mb_per_hour: { default: 10, means: 'All programs together may log this much, millions of bytes.' },
} as const satisfies Record<string, Threshold>;

export type ThresholdName = keyof typeof THRESHOLDS;
export type Thresholds = Readonly<Record<ThresholdName, number>>;

/** The defaults, with what the stage sets otherwise. */
export function thresholdsWith(own: Partial<Thresholds>): Thresholds {
  const defaults = Object.entries(THRESHOLDS).map(([name, threshold]) => [name, threshold.default] as const);
  return { ...(Object.fromEntries(defaults) as unknown as Thresholds), ...own };
}
