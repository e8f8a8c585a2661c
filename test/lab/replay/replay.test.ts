import { describe, expect, test } from 'vitest';
import { groupOf } from '../../../lab/replay/group-of.ts';
import { replay } from '../../../lab/replay/replay.ts';
import { readTemplate } from '../../../lab/template/read-template.ts';
import { MINUTE_MS, T0 } from '../alarms/alarms.ts';
import { lagAlarm, template, WATCHED } from '../template/resources.ts';

const TEMPLATE = readTemplate(template(WATCHED));
const line = (seconds: number, ingest_lag_sec: number): { ts_ms: number; message: string } => ({
  ts_ms: T0 + seconds * 1000,
  message: JSON.stringify({ event: 'heartbeat', ingest_lag_sec }),
});

describe('a replay', () => {
  const lines = [line(65, 20), line(5, 1), line(125, 20), line(190, 1), line(250, 1)];

  test('goes from the minute of the first line to the end of the minute of the last', () => {
    const { from_ms, to_ms, transitions, states } = replay({ template: TEMPLATE, lines });
    expect([from_ms, to_ms]).toEqual([T0, T0 + 5 * MINUTE_MS]);
    expect(transitions.map(({ ts_ms, to }) => [(ts_ms - T0) / MINUTE_MS, to])).toEqual([
      [1, 'OK'],
      [3, 'ALARM'],
      [5, 'OK'],
    ]);
    expect(states).toEqual({ lag: 'OK' });
  });

  test('does not care for the order of lines', () => {
    expect(replay({ template: TEMPLATE, lines: [...lines].reverse() })).toEqual(replay({ template: TEMPLATE, lines }));
  });

  test('takes samples of AWS’s own metrics beside lines', () => {
    const id = { namespace: 'AWS/Lambda', name: 'Errors', dimensions: { FunctionName: 'sink' } };
    const alarm = lagAlarm({
      AlarmName: 'errors',
      Namespace: id.namespace,
      MetricName: id.name,
      Dimensions: [{ Name: 'FunctionName', Value: 'sink' }],
      Statistic: 'Sum',
      Threshold: 1,
      EvaluationPeriods: 1,
      DatapointsToAlarm: 1,
      AlarmActions: [],
      OKActions: [],
    });
    const samples = [{ id, sample: { ts_ms: T0 + 70_000, value: 2 } }];
    const { transitions } = replay({ template: readTemplate(template({ A: alarm })), lines: [line(1, 0)], samples });
    expect(transitions.map(({ ts_ms, to }) => [(ts_ms - T0) / MINUTE_MS, to])).toEqual([
      [1, 'OK'],
      [2, 'ALARM'],
    ]);
  });

  test('of nothing is nothing, unless it is told how long', () => {
    expect(replay({ template: TEMPLATE, lines: [] }).transitions).toEqual([]);
    expect(replay({ template: TEMPLATE, lines: [], from_ms: T0, to_ms: T0 + MINUTE_MS }).transitions).toHaveLength(1);
  });

  test('of a wrong timestamp is refused, not calculated for hours', () => {
    expect(() => replay({ template: TEMPLATE, lines: [...lines, { ts_ms: 0, message: '' }] })).toThrow(RangeError);
    expect(() => replay({ template: TEMPLATE, lines, to_ms: T0 - 1 })).toThrow(RangeError);
  });

  test('of a day of ten thousand lines with forty alarms ends within seconds', () => {
    const day = Array.from({ length: 10_000 }, (_, index) => line((index * 86_400) / 10_000, index % 40));
    const alarms = Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => [
        `A${at}`,
        lagAlarm({ AlarmName: `a${at}`, Threshold: at, Statistic: at % 2 === 0 ? 'Maximum' : 'p90' }),
      ]),
    );
    const begun = performance.now();
    const { to_ms, from_ms } = replay({ template: readTemplate(template({ ...WATCHED, ...alarms })), lines: day });
    expect(to_ms - from_ms).toBe(1440 * MINUTE_MS);
    expect(performance.now() - begun).toBeLessThan(10_000);
  });
});

test('a file’s name means a group by its name, its logical id, the last part of the one or the beginning of the other', () => {
  expect(groupOf(TEMPLATE, '/tape/streamer')).toBe('/tape/streamer');
  expect(groupOf(TEMPLATE, 'SINKLOGS')).toBe('SinkLogs');
  expect(groupOf(TEMPLATE, 'streamer')).toBe('/tape/streamer');
  expect(groupOf(TEMPLATE, 'sink')).toBe('SinkLogs');
  for (const name of ['other', 's', '']) expect(groupOf(TEMPLATE, name)).toBeUndefined();
});
