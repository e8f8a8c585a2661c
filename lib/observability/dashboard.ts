import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IWidget,
  LogQueryWidget,
  SingleValueWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type Program, programsOfEvents } from '../../core/logging/metrics.ts';
import { type PatternName, PATTERNS } from '../../core/logging/patterns.ts';
import { eventsMatching, toInsights } from '../../core/logging/query.ts';
import { type DashboardRow, ROWS, VERDICT } from './dashboard-rows.ts';
import type { SeriesOf } from './series.ts';

/** CloudWatch's grid. */
const COLUMNS = 24;
const STATUS_WIDTH = 6;
const ROW_HEIGHT = 6;
const VERDICT_PERIOD_SEC = 60;
const GRAPH_PERIOD_SEC = 60;

export interface TapeDashboardProps {
  readonly name: string;
  readonly series: SeriesOf;
  readonly logGroups: Readonly<Record<Program, ILogGroup>>;
  /** What pages: green here means that nobody has to get up. */
  readonly paging: readonly IAlarm[];
  /** Where to read on, and where what was given up lies. */
  readonly guideUrl: string;
  readonly failureBucket: string;
}

/** The first row answers "healthy?"; below it the path, hop by hop. */
export class TapeDashboard extends Construct {
  constructor(scope: Construct, id: string, props: TapeDashboardProps) {
    super(scope, id);
    const dashboard = new Dashboard(this, 'Dashboard', {
      dashboardName: props.name,
      defaultInterval: Duration.hours(3),
    });
    dashboard.addWidgets(...verdict(props));
    for (const row of ROWS) {
      dashboard.addWidgets(new TextWidget({ markdown: `## ${row.title}`, width: COLUMNS, height: 1 }));
      dashboard.addWidgets(...graphs(row, props));
      if (row.lines !== undefined) dashboard.addWidgets(lines(row.lines, props));
    }
    dashboard.addWidgets(
      new TextWidget({
        markdown: `What to do: [LOGGING_GUIDE.md](${props.guideUrl}). What the event source gave up: \`s3://${props.failureBucket}\`.`,
        width: COLUMNS,
        height: 2,
      }),
    );
  }
}

function verdict({ paging, series }: TapeDashboardProps): IWidget[] {
  const width = (COLUMNS - STATUS_WIDTH) / VERDICT.length;
  const numbers = VERDICT.map(
    ({ title, series: shown }) =>
      new SingleValueWidget({
        title,
        width,
        height: ROW_HEIGHT,
        metrics: shown.map((one) => series.metric(one, VERDICT_PERIOD_SEC)),
      }),
  );
  const status = new AlarmStatusWidget({
    title: 'Healthy? Everything that pages',
    alarms: [...paging],
    width: STATUS_WIDTH,
    height: ROW_HEIGHT,
  });
  return [status, ...numbers];
}

function graphs({ graphs: shown }: DashboardRow, { series }: TapeDashboardProps): IWidget[] {
  return shown.map(
    ({ title, series: left }) =>
      new GraphWidget({
        title,
        width: COLUMNS / shown.length,
        height: ROW_HEIGHT,
        left: left.map((one) => series.metric(one, GRAPH_PERIOD_SEC, one.metric)),
      }),
  );
}

function lines(pattern: PatternName, { logGroups }: TapeDashboardProps): IWidget {
  const { title, query } = PATTERNS[pattern];
  return new LogQueryWidget({
    title,
    width: COLUMNS,
    height: ROW_HEIGHT,
    logGroupNames: programsOfEvents(eventsMatching(query.where)).map((program) => logGroups[program].logGroupName),
    queryString: toInsights(query),
  });
}
