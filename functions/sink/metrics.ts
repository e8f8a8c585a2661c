import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { LandedSum } from './summary.ts';

/** Writes the sums as one blob of CloudWatch's embedded metric format; beyond 100 lags Powertools writes more, none is lost. */
export function publishLanded(metrics: Metrics, sum: LandedSum): void {
  metrics.addMetric('FramesLanded', MetricUnit.Count, sum.frames);
  metrics.addMetric('RowsLanded', MetricUnit.Count, sum.rows);
  metrics.addMetric('BlocksLanded', MetricUnit.Count, sum.blocks);
  metrics.addMetric('DuplicateBlocks', MetricUnit.Count, sum.duplicates);
  metrics.addMetric('Rejects', MetricUnit.Count, sum.rejects);
  metrics.addMetric('UnknownTypes', MetricUnit.Count, sum.unknownTypes);
  // When it landed, not when an environment that slept meanwhile comes to tell it.
  metrics.setTimestamp(Math.round(sum.lastAt));
  for (const lag_sec of sum.lags) metrics.addMetric('IngestLag', MetricUnit.Seconds, lag_sec);
  // With the hundredth lag Powertools has published by itself, and says so where nothing is left.
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
}
