import type { Series } from '../../core/logging/alarms.ts';
import type { PatternName } from '../../core/logging/patterns.ts';

interface Graph {
  readonly title: string;
  readonly series: readonly Series[];
}

/** One hop of the path: its graphs, and the lines that a person would ask for next. */
export interface DashboardRow {
  readonly title: string;
  readonly graphs: readonly Graph[];
  readonly lines?: PatternName;
}

const most = (...metrics: readonly Series['metric'][]): readonly Series[] =>
  metrics.map((metric) => ({ metric, statistic: 'Maximum' }));
const sum = (...metrics: readonly Series['metric'][]): readonly Series[] =>
  metrics.map((metric) => ({ metric, statistic: 'Sum' }));

/** Healthy? The numbers that answer, beside the alarms that page. */
export const VERDICT: readonly Graph[] = [
  { title: 'Heartbeats a minute', series: sum('Heartbeats') },
  { title: 'Messages a second', series: most('MessagesPerSecond') },
  { title: 'Waits for Kinesis, s', series: most('PublishLag') },
  { title: 'Frames landed in 5 min', series: most('FramesInLast5Min') },
  { title: 'Socket to table, s', series: most('EndToEndLag') },
  { title: 'Holes open', series: most('HolesOpen') },
];

/** The path, hop by hop, as a frame goes. */
export const ROWS: readonly DashboardRow[] = [
  {
    title: '1 Exchange to streamer',
    graphs: [
      { title: 'Messages a second', series: most('MessagesPerSecond') },
      {
        title: 'Connections lost, refused, silent',
        series: sum(
          'Disconnects',
          'DeadFeeds',
          'ExchangeUnavailable',
          'KeyRejected',
          'SubscriptionsRefused',
          'NotLive',
        ),
      },
      { title: 'Holes', series: [...sum('Holes', 'Overflows'), ...most('HolesOpen')] },
      { title: 'Behind the exchange’s clock, s', series: most('ExchangeLag') },
    ],
    lines: 'ws_flapping',
  },
  {
    title: '2 Streamer',
    graphs: [
      {
        title: 'Heartbeats and starts',
        series: sum('Heartbeats', 'UncleanStarts', 'CrashedStarts', 'StreamerCritical'),
      },
      { title: 'Event loop delay, ms', series: most('EventLoopDelay') },
      { title: 'Waiting: oldest frame, s; blocks on disk', series: most('PublishLag', 'SpoolBlocks') },
      { title: 'Lost', series: sum('FramesDropped', 'FramesLost') },
    ],
    lines: 'heartbeat_missing',
  },
  {
    title: '3 Kinesis',
    graphs: [
      { title: 'Frames acknowledged', series: sum('FramesAcknowledged') },
      { title: 'Records and bytes in', series: sum('StreamRecordsIn', 'StreamBytesIn') },
      { title: 'Throttled, given up', series: sum('PublishThrottled', 'StreamThrottled', 'PublishFailed') },
      { title: 'Age of what the sink reads, ms', series: most('StreamIteratorAge') },
    ],
    lines: 'kinesis_throttling',
  },
  {
    title: '4 Sink',
    graphs: [
      { title: 'Landed', series: sum('FramesLanded', 'Inserts') },
      { title: 'Slowest batch and invocation, ms', series: most('InsertDuration', 'SinkDuration') },
      {
        title: 'Invocations, errors, throttles',
        series: sum('SinkInvocations', 'SinkErrors', 'SinkThrottles', 'SinkCritical', 'InvokesFailed'),
      },
      {
        title: 'Set aside, split, drift, given up',
        series: sum('SetAside', 'InsertSplits', 'SchemaDrift', 'FailureDelivered', 'BatchesDropped'),
      },
    ],
    lines: 'sink_failing',
  },
  {
    title: '5 ClickHouse',
    graphs: [
      { title: 'Landed in 5 min; age of the newest, s', series: most('FramesInLast5Min', 'NewestRowAge') },
      { title: 'Lag: socket to table, s', series: most('EndToEndLag', 'LandingLag') },
      {
        title: 'Refused, by cause',
        series: sum(
          'ClickHouseMemory',
          'ClickHouseUnreachable',
          'ClickHouseSlow',
          'ClickHouseRefuses',
          'ClickHouseFull',
          'ClickHouseOverloaded',
          'ClickHouseOther',
        ),
      },
      { title: 'Parts; free disk, MB', series: most('PartsPerPartition', 'DiskFree') },
    ],
    lines: 'ingestion_stall',
  },
  {
    title: '6 The watching and its cost',
    graphs: [
      { title: 'Probe', series: sum('ProbeAnswers', 'ProbeErrors', 'ProbeCritical') },
      { title: 'Alarms that could not be told', series: sum('TellingFailed') },
      {
        title: 'Log bytes',
        series: sum('StreamerLogBytes', 'SinkLogBytes', 'ProbeLogBytes', 'NotifyLogBytes'),
      },
      {
        title: 'Lines kept back; EMF errors',
        series: sum('LinesSuppressed', 'EmfParsingErrors', 'EmfValidationErrors'),
      },
    ],
    lines: 'cost_guard',
  },
];
