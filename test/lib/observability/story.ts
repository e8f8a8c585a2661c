import type { FieldsOf } from '../../../core/logging/event-log.ts';
import { type EventName, EVENTS } from '../../../core/logging/events.ts';
import { programsOfEvents } from '../../../core/logging/metrics.ts';
import type { Sample } from '../../../lab/metrics/series.ts';
import { replay } from '../../../lab/replay/replay.ts';
import { readTemplate } from '../../../lab/template/read-template.ts';
import { lineOf } from '../../core/logging/sample-lines.ts';
import { SINK_NAME, STREAM_NAME, watchedTemplate } from './watched-stack.ts';

const TEMPLATE = readTemplate(watchedTemplate().toJSON());
const START_MS = Date.UTC(2026, 10, 23, 2, 0, 0);
const MINUTE_MS = 60_000;
/** A healthy hour comes first, so that no alarm is in its first state. */
const HEALTHY_MIN = 20;

/** What a program is doing in a minute of the story; undefined: its lines do not arrive. */
export interface Minute {
  readonly heartbeat?: Partial<FieldsOf<'heartbeat'>> | undefined;
  readonly insert_ok?: Partial<FieldsOf<'insert_ok'>> | undefined;
  readonly warehouse?: Partial<FieldsOf<'warehouse_heartbeat'>> | undefined;
  readonly lines?: readonly { readonly [E in EventName]: readonly [E, Partial<FieldsOf<E>>] }[EventName][];
  /** AWS’s own numbers, by name. */
  readonly aws?: Readonly<Record<string, number>>;
}

export const HEALTHY: Minute = {
  heartbeat: {
    ws_state: 'live',
    ingest_lag_sec: 0.8,
    exchange_lag_sec: 0.05,
    messages_per_sec: 500,
    rows_since_last: 15_000,
    spool_blocks: 0,
    gaps_open: 0,
    event_loop_delay_ms: 3,
  },
  insert_ok: { duration_ms: 180, ingest_lag_sec: 2, frames: 30_000, rejects: 0 },
  warehouse: {
    rows_ingested_last_5m: { frames: 150_000 },
    newest_row_age_sec: 2,
    end_to_end_lag_sec: 3,
    parts_per_partition_max: 30,
    disk_free_mb: 80_000,
  },
  aws: { 'GetRecords.IteratorAgeMilliseconds': 900, Duration: 400 },
};

export interface Told {
  readonly pages: readonly string[];
  readonly tickets: readonly string[];
  /** Everything that was in ALARM at some time, told or not. */
  readonly fired: readonly string[];
}

/** Replays a healthy time and then the story, a minute an entry, against the filters and alarms of the synthesized stack. */
export function tell(story: readonly Minute[]): Told {
  const minutes = [...Array.from({ length: HEALTHY_MIN }, () => HEALTHY), ...story];
  const lines = minutes.flatMap((minute, i) => linesOf(minute, START_MS + i * MINUTE_MS));
  const samples = minutes.flatMap((minute, i) => samplesOf(minute, START_MS + i * MINUTE_MS + 30_000));
  const to_ms = START_MS + minutes.length * MINUTE_MS;
  const { notifications, transitions } = replay({ template: TEMPLATE, lines, samples, from_ms: START_MS, to_ms });
  const told = notifications.filter(({ state }) => state === 'ALARM');
  const to = (topic: string) =>
    told
      .filter(({ action }) => action.toLowerCase().includes(topic))
      .map(({ alarm }) => short(alarm))
      .toSorted();
  const fired = new Set(transitions.filter((one) => one.to === 'ALARM').map(({ alarm }) => short(alarm)));
  return { pages: to('page'), tickets: to('ticket'), fired: [...fired].toSorted() };
}

function linesOf({ heartbeat, insert_ok, warehouse, lines = [] }: Minute, at_ms: number) {
  const twice = [10_000, 40_000];
  return [
    ...twice.flatMap((after) => (heartbeat === undefined ? [] : [line('heartbeat', heartbeat, at_ms + after)])),
    ...twice.flatMap((after) => (insert_ok === undefined ? [] : [line('insert_ok', insert_ok, at_ms + after + 1_000)])),
    ...(warehouse === undefined ? [] : [line('warehouse_heartbeat', warehouse, at_ms + 20_000)]),
    ...lines.map(([event, fields], i) => line(event, fields, at_ms + 25_000 + i)),
  ];
}

function line(event: EventName, fields: object, ts_ms: number) {
  const [log_group] = programsOfEvents([event]);
  const own = EVENTS[event].component === 'log' ? 'streamer' : log_group!;
  return { log_group: own, ts_ms, message: lineOf(event, fields) };
}

const DIMENSIONS: Readonly<Record<string, readonly [string, Readonly<Record<string, string>>]>> = {
  'GetRecords.IteratorAgeMilliseconds': ['AWS/Kinesis', { StreamName: STREAM_NAME }],
  WriteProvisionedThroughputExceeded: ['AWS/Kinesis', { StreamName: STREAM_NAME }],
  Errors: ['AWS/Lambda', { FunctionName: SINK_NAME }],
  Throttles: ['AWS/Lambda', { FunctionName: SINK_NAME }],
  Duration: ['AWS/Lambda', { FunctionName: SINK_NAME }],
  EMFParsingErrors: ['AWS/Logs', { LogGroupName: 'sink' }],
  IncomingBytes: ['AWS/Logs', { LogGroupName: 'sink' }],
};
const OF_EVENT_SOURCE = ['DroppedEventCount', 'OnFailureDestinationDeliveredEventCount'];

function samplesOf({ aws = {} }: Minute, ts_ms: number) {
  return Object.entries(aws).map(([name, value]) => {
    const sample: Sample = { ts_ms, value };
    if (OF_EVENT_SOURCE.includes(name)) return { id: { namespace: 'AWS/Lambda', name, dimensions: SOURCE }, sample };
    const [namespace, dimensions] = DIMENSIONS[name]!;
    return { id: { namespace, name, dimensions }, sample };
  });
}

/** The event source’s id is known to the template by a placeholder only. */
const SOURCE = TEMPLATE.alarms
  .flatMap((alarm) => /"EventSourceMappingUUID":"([^"]+)"/.exec(JSON.stringify(alarm))?.[1] ?? [])
  .map((id) => ({ EventSourceMappingUUID: id }))[0]!;

function short(alarm: string): string {
  return alarm.replace('kalshi-tape-test-', '').replaceAll('-', '_');
}
