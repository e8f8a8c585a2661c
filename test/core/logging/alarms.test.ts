import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Alarm, type AlarmName, ALARMS, ERRORS_WITHOUT_ALARM } from '../../../core/logging/alarms.ts';
import { AWS_METRICS, type AwsMetricName } from '../../../core/logging/aws-metrics.ts';
import { COMPOSITES, membersOf } from '../../../core/logging/composites.ts';
import type { EventName } from '../../../core/logging/events.ts';
import { type Metric, type MetricName, METRICS, patternOf, programsOfEvents } from '../../../core/logging/metrics.ts';
import { type Pattern, PATTERNS } from '../../../core/logging/patterns.ts';
import { eventsMatching, matches } from '../../../core/logging/query.ts';
import { THRESHOLDS, thresholdsWith } from '../../../core/logging/thresholds.ts';
import { compileFilter } from '../../../lab/filter/compile-filter.ts';
import { ROWS, VERDICT } from '../../../lib/observability/dashboard-rows.ts';
import { ENTRIES, lineOf, satisfying } from './sample-lines.ts';

const ROOT = join(import.meta.dirname, '../../..');
const ALARM_ENTRIES = Object.entries(ALARMS as Readonly<Record<AlarmName, Alarm>>) as [AlarmName, Alarm][];
const COMPOSITE_ENTRIES = Object.entries(COMPOSITES);

const seriesOf = ({ of }: Alarm): readonly (MetricName | AwsMetricName)[] =>
  'expression' in of ? Object.values(of.inputs).map(({ metric }) => metric) : [of.metric];
const ALARMED = new Set(ALARM_ENTRIES.flatMap(([, alarm]) => seriesOf(alarm)));
const SHOWN = new Set(
  [...VERDICT, ...ROWS.flatMap(({ graphs }) => graphs)].flatMap(({ series }) => series.map(({ metric }) => metric)),
);

describe('parity', () => {
  test('every alarm has a heading, and every heading an event', () => {
    for (const [name, { pattern }] of [...ALARM_ENTRIES, ...COMPOSITE_ENTRIES])
      expect(PATTERNS[pattern], name).toBeDefined();
    for (const [name, { query }] of Object.entries(PATTERNS as Readonly<Record<string, Pattern>>)) {
      expect(eventsMatching(query.where).length, name).toBeGreaterThan(0);
    }
  });

  test('every heading is what an alarm points to, or a sight that needs none', () => {
    const linked = new Set([...ALARM_ENTRIES, ...COMPOSITE_ENTRIES].map(([, { pattern }]) => pattern));
    expect(Object.keys(PATTERNS).filter((name) => !linked.has(name as keyof typeof PATTERNS))).toEqual([
      'clean_deploy',
    ]);
  });

  test.each(ALARM_ENTRIES)('the heading of %s shows the lines that the alarm counts', (_, alarm) => {
    const { where: shown } = (PATTERNS as Readonly<Record<string, Pattern>>)[alarm.pattern]!.query;
    const counted = seriesOf(alarm)
      .map((name) => (METRICS as Readonly<Partial<Record<string, Metric>>>)[name])
      .filter((metric) => metric?.value === 1);
    const unseen = counted
      .flatMap((metric) => satisfying(metric!.where).map(([event, fields]) => lineOf(event, fields)))
      .filter((line) => !matches(shown, JSON.parse(line) as Record<string, unknown>));
    expect(unseen.map((line) => JSON.parse(line) as object)).toEqual([]);
  });

  test('every ERROR and CRITICAL event is counted by an alarm or says why not, and nothing else says so', () => {
    const filters = [...ALARMED].flatMap((name) =>
      Object.hasOwn(METRICS, name)
        ? [compileFilter(patternOf((METRICS as Readonly<Record<string, Metric>>)[name]!))]
        : [],
    );
    const bad = ENTRIES.filter(([, { level }]) => level === 'ERROR' || level === 'CRITICAL').map(([event]) => event);
    const uncounted = bad.filter(
      (event) => !variantsOf(event).every((line) => filters.some((filter) => filter.matches(line))),
    );
    expect(uncounted.toSorted()).toEqual(Object.keys(ERRORS_WITHOUT_ALARM).toSorted());
  });

  test('every metric is in an alarm or on the dashboard', () => {
    const unused = [...Object.keys(METRICS), ...Object.keys(AWS_METRICS)].filter(
      (name) => !ALARMED.has(name as MetricName) && !SHOWN.has(name as MetricName),
    );
    expect(unused).toEqual([]);
  });

  const PROGRAM_FOLDERS = {
    streamer: 'ecs',
    sink: 'functions/sink',
    probe: 'functions/probe',
    notify: 'functions/notify',
  };
  for (const [program, folder] of Object.entries(PROGRAM_FOLDERS)) {
    test.skipIf(!existsSync(join(ROOT, folder)))(
      `every event of ${program} is emitted somewhere (${folder} is not there: skipped)`,
      () => {
        const source = sourcesOf(['ecs', 'functions', 'core/logging/gated.ts', 'core/logging/gate.ts']);
        const own = ENTRIES.map(([event]) => event).filter((event) => programsOfEvents([event])[0] === program);
        expect(own.filter((event) => !source.includes(`'${event}'`))).toEqual([]);
      },
    );
  }
});

describe('alarms', () => {
  test.each(ALARM_ENTRIES)('%s asks for no more than there is, and says how it takes silence', (_, alarm) => {
    const thresholds = thresholdsWith({});
    const numberOf = (value: Alarm['m']): number => (typeof value === 'number' ? value : thresholds[value]);
    const [m, n] = [numberOf(alarm.m), numberOf(alarm.n)];
    expect(m).toBeGreaterThan(0);
    expect(m).toBeLessThanOrEqual(n);
    expect(n * alarm.period_sec).toBeLessThanOrEqual(alarm.period_sec < 3_600 ? 86_400 : 604_800);
    expect([alarm.means, alarm.action, alarm.missing.because].every((text) => text.endsWith('.'))).toBe(true);
    // A dead-man alarm is what looks for too little of what must come by itself.
    const isDeadMan = alarm.comparison === 'below' && !('expression' in alarm.of) && alarm.of.statistic === 'Sum';
    expect(alarm.missing.as === 'breaching').toBe(isDeadMan);
  });

  test('every alarm is told: by itself or by a composite of its severity', () => {
    const telling = COMPOSITE_ENTRIES.filter(([, { severity }]) => severity !== 'none');
    for (const [name, { severity }] of ALARM_ENTRIES) {
      const within = telling.filter(([, { rule }]) => membersOf(rule).includes(name));
      const alone = within.length === 0;
      expect(alone || within.some(([, composite]) => composite.severity === severity), name).toBe(true);
    }
  });

  test('composites name alarms or composites before them, and nothing suppresses itself', () => {
    const known = new Set<string>(ALARM_ENTRIES.map(([name]) => name));
    for (const [name, { rule, suppressor }] of COMPOSITE_ENTRIES) {
      expect(known.has(name), name).toBe(false);
      for (const member of membersOf(rule)) expect([...known], name).toContain(member);
      if (suppressor !== undefined) {
        expect([...known], name).toContain(suppressor);
        expect(membersOf(rule), name).not.toContain(suppressor);
      }
      known.add(name);
    }
  });

  test('every threshold is used by an alarm', () => {
    const used = ALARM_ENTRIES.flatMap(([, { threshold, m, n, of }]) => [
      ...[threshold, m, n].filter((value) => typeof value === 'string'),
      ...('expression' in of ? [...of.expression.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!) : []),
    ]);
    expect([...new Set(used)].filter((name) => name !== 'sink_timeout_ms').toSorted()).toEqual(
      Object.keys(THRESHOLDS).toSorted(),
    );
  });

  test('a stage may set a threshold otherwise, and the others stay', () => {
    expect(thresholdsWith({ reconnects: 9 })).toEqual({ ...thresholdsWith({}), reconnects: 9 });
  });
});

/** The event’s lines, one for each reason or category that tells its cases apart. */
function variantsOf(event: EventName): readonly string[] {
  const variants: Partial<Record<EventName, readonly Record<string, unknown>[]>> = {
    ws_frame_dropped: ['spool_full', 'frame_oversize', 'marker_oversize'].map((reason) => ({ reason })),
    insert_failed: ['memory_limit', 'other', 'auth'].map((category) => ({ category })),
  };
  return (variants[event] ?? [{}]).map((fields) => lineOf(event, fields));
}

function sourcesOf(paths: readonly string[]): string {
  return paths
    .flatMap((path) => {
      const full = join(ROOT, path);
      if (path.endsWith('.ts')) return [full];
      return readdirSync(full, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => join(full, name));
    })
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
}
