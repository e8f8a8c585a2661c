import type { Duration } from 'aws-cdk-lib';
import type { AlarmBase } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { METRIC_NAMESPACE } from '../../core/contract/names.ts';
import { type AlarmName, ALARMS, type Severity } from '../../core/logging/alarms.ts';
import { COMPOSITES, type CompositeName, membersOf } from '../../core/logging/composites.ts';
import { type Thresholds, thresholdsWith } from '../../core/logging/thresholds.ts';
import { Alarms } from './alarms.ts';
import { Composites } from './composites.ts';
import { TapeDashboard } from './dashboard.ts';
import { MetricFilters } from './metric-filters.ts';
import type { Naming } from './naming.ts';
import { SavedQueries } from './saved-queries.ts';
import { SeriesOf, type Watched } from './series.ts';

export interface WatchingProps extends Watched {
  /** Names of metrics, alarms, queries and the dashboard carry it: two stages may share an account. */
  readonly stage: string;
  readonly sinkTimeout: Duration;
  readonly failureBucket: Pick<IBucket, 'bucketName'>;
  /** Who is told; both may be one topic. */
  readonly topics: Readonly<Record<Severity, ITopic>>;
  /** What differs from the defaults of core/logging/thresholds.ts. */
  readonly thresholds?: Partial<Thresholds>;
  /** Where alarms say that LOGGING_GUIDE.md is. */
  readonly guideUrl?: string;
}

const PROJECT = 'kalshi-tape';

/** Alarms of a stage are called `<prefix>-heartbeat-missing`. */
export function alarmPrefixOf(stage: string): string {
  return `${PROJECT}-${stage}`;
}

/** Filters, alarms, composites, dashboard and saved queries of one stage: all of it derived from core/logging. */
export class Watching extends Construct {
  /** What pages, by its own name: for a notifier, and for the dashboard. */
  readonly paging: readonly AlarmBase[];

  constructor(scope: Construct, id: string, props: WatchingProps) {
    super(scope, id);
    const { stage, logGroups, topics } = props;
    const namespace = `${METRIC_NAMESPACE}/${stage}`;
    const naming: Naming = { prefix: alarmPrefixOf(stage), guideUrl: props.guideUrl ?? 'LOGGING_GUIDE.md' };
    const thresholds = thresholdsWith(props.thresholds ?? {});
    const series = new SeriesOf(props, namespace, thresholds, props.sinkTimeout.toSeconds());

    new MetricFilters(this, 'Filters', { namespace, logGroups });
    const alarms = new Alarms(this, 'Alarms', { naming, series, thresholds });
    const composites = new Composites(this, 'Composites', { naming, alarms });
    const told = tellers(alarms, composites);
    for (const { alarm, severity } of told) {
      const action = new SnsAction(topics[severity]);
      alarm.addAlarmAction(action);
      // That it is over is worth knowing only to whom it woke.
      if (severity === 'page') alarm.addOkAction(action);
    }
    this.paging = told.filter(({ severity }) => severity === 'page').map(({ alarm }) => alarm);

    new SavedQueries(this, 'Queries', { folder: `${PROJECT}/${stage}`, logGroups });
    new TapeDashboard(this, 'Dashboard', {
      name: `${PROJECT}-${stage}`,
      series,
      logGroups,
      paging: this.paging,
      guideUrl: naming.guideUrl,
      failureBucket: props.failureBucket.bucketName,
    });
  }
}

interface Teller {
  readonly alarm: AlarmBase;
  readonly severity: Severity;
}

/** Composites that tell somebody, and the alarms that are in none of them. */
function tellers(alarms: Alarms, composites: Composites): readonly Teller[] {
  const telling = [...composites.byName].flatMap(([name, alarm]) => {
    const { severity, rule } = COMPOSITES[name satisfies CompositeName];
    return severity === 'none' ? [] : [{ alarm, severity, members: membersOf(rule) }];
  });
  const within = new Set(telling.flatMap(({ members }) => members));
  const alone = [...alarms.byName].filter(([name]) => !within.has(name));
  return [
    ...telling,
    ...alone.map(([name, alarm]) => ({ alarm, severity: ALARMS[name satisfies AlarmName].severity })),
  ];
}
