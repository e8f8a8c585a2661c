import { describe, expect, test } from 'vitest';
import { FAILURE_CATEGORIES } from '../../../core/failure/classes.ts';
import { EVENTS } from '../../../core/logging/events.ts';
import {
  type Metric,
  type MetricName,
  METRICS,
  patternOf,
  programsOf,
  valueOf,
} from '../../../core/logging/metrics.ts';
import { eventsMatching, matches, valueAt } from '../../../core/logging/query.ts';
import { compileFilter } from '../../../lab/filter/compile-filter.ts';
import { casesOf, ENTRIES, lineOf, satisfying } from './sample-lines.ts';

const METRIC_ENTRIES = Object.entries(METRICS as Readonly<Record<MetricName, Metric>>) as [MetricName, Metric][];

describe('metrics', () => {
  test.each(METRIC_ENTRIES)('%s is made of lines that its programs really log, each case of them', (_, metric) => {
    const filter = compileFilter(patternOf(metric));
    const cases = satisfying(metric.where);
    expect(new Set(cases.map(([event]) => event))).toEqual(new Set(eventsMatching(metric.where)));
    for (const [event, fields] of cases) {
      const line = lineOf(event, fields);
      expect(filter.matches(line), line).toBe(true);
      const value = metric.value === 1 ? 1 : valueAt(JSON.parse(line) as Record<string, unknown>, metric.value);
      expect(typeof value).toBe('number');
    }
    expect(programsOf(metric).length).toBeGreaterThan(0);
  });

  test.each(METRIC_ENTRIES)('%s is not made of any other line', (_, metric) => {
    const filter = compileFilter(patternOf(metric));
    for (const [event] of ENTRIES) {
      const line = lineOf(event);
      expect(filter.matches(line), line).toBe(matches(metric.where, JSON.parse(line) as Record<string, unknown>));
      const isPossible = eventsMatching(metric.where).includes(event);
      if (!isPossible) expect(filter.matches(line), line).toBe(false);
    }
  });

  test.each(METRIC_ENTRIES)('%s takes a number, or counts lines', (_, metric) => {
    expect(valueOf(metric)).toMatch(metric.value === 1 ? /^1$/ : /^\$\.[a-z0-9_.]+$/);
    expect(metric.means).toMatch(/\.$/);
    expect(metric.unit === 'Count' || metric.value !== 1).toBe(true);
  });

  test('every category of failure is counted where ClickHouse is given up, in one metric each', () => {
    const counted = METRIC_ENTRIES.filter(([name]) => name.startsWith('ClickHouse')).flatMap(([, { where }]) =>
      casesOf(where).map(({ category }) => category),
    );
    expect(counted.toSorted()).toEqual(FAILURE_CATEGORIES.toSorted());
  });

  test('a CRITICAL line of any program is counted, also of an event that does not exist yet', () => {
    const filters = METRIC_ENTRIES.map(([name, metric]) => [name, compileFilter(patternOf(metric))] as const);
    for (const [event, { level, component }] of ENTRIES.filter(([, entry]) => entry.level === 'CRITICAL')) {
      expect(EVENTS[event].level).toBe(level);
      const news = JSON.stringify({ level, component, event: 'something_new' });
      expect(filters.filter(([, filter]) => filter.matches(news)).length, news).toBe(1);
    }
  });

  test('a quiet, healthy minute makes values of health and counts nothing bad', () => {
    const lines = [
      lineOf('heartbeat', { ws_state: 'live', ingest_lag_sec: 0 }),
      lineOf('insert_ok'),
      lineOf('warehouse_heartbeat', { disk_free_mb: -1, newest_row_age_sec: -1 }),
      lineOf('startup_config', { previous_run: 'clean' }),
      lineOf('ws_disconnected', { cause: 'disconnect' }),
    ];
    const counted = METRIC_ENTRIES.filter(([, { value }]) => value === 1)
      .filter(([, metric]) => lines.some((line) => compileFilter(patternOf(metric)).matches(line)))
      .map(([name]) => name);
    expect(counted.toSorted()).toEqual(['Disconnects', 'Heartbeats', 'Inserts', 'ProbeAnswers']);
  });

  test('what the probe could not learn (-1) is no number of a metric', () => {
    const unknown = lineOf('warehouse_heartbeat', { disk_free_mb: -1, newest_row_age_sec: -1 });
    for (const name of ['DiskFree', 'NewestRowAge'] as const) {
      expect(compileFilter(patternOf(METRICS[name])).matches(unknown), name).toBe(false);
      expect(compileFilter(patternOf(METRICS[name])).matches(lineOf('warehouse_heartbeat')), name).toBe(true);
    }
  });
});
