import { describe, expect, test } from 'vitest';
import type { Transition } from '../../../lab/replay/timeline.ts';
import { Watcher, type WatcherOptions } from '../../../lab/replay/watcher.ts';
import { TemplateError } from '../../../lab/template/error.ts';
import { readTemplate } from '../../../lab/template/read-template.ts';
import { MINUTE_MS, T0 } from '../alarms/alarms.ts';
import { lagAlarm, lagFilter, template, WATCHED } from '../template/resources.ts';

const PAGES = 'arn:aws:sns:us-east-1:123456789012:pages';
const LAG = { namespace: 'Tape', name: 'Lag', dimensions: {} };

function watcherOf(resources: object, options: Partial<WatcherOptions> = {}): Watcher {
  return new Watcher({ template: readTemplate(template(resources)), from_ms: T0, ...options });
}

const heartbeat = (minute: number, ingest_lag_sec: number): { ts_ms: number; message: string; log_group: string } => ({
  log_group: '/tape/streamer',
  ts_ms: T0 + minute * MINUTE_MS + 5_000,
  message: JSON.stringify({ event: 'heartbeat', ingest_lag_sec }),
});

/** Minute, alarm and new state. */
function short(transitions: readonly Transition[]): string[] {
  return transitions.map(({ ts_ms, alarm, to }) => `${(ts_ms - T0) / MINUTE_MS} ${alarm} ${to}`);
}

function composite(name: string, rule: string, changes: object = {}): object {
  return { Type: 'AWS::CloudWatch::CompositeAlarm', Properties: { AlarmName: name, AlarmRule: rule, ...changes } };
}

describe('a watcher', () => {
  test('says at the minute what lines before it mean', () => {
    const watcher = watcherOf(WATCHED);
    [1, 20, 20, 1, 1].forEach((lag, minute) => watcher.line(heartbeat(minute, lag)));
    expect(short(watcher.advance(T0 + 2 * MINUTE_MS))).toEqual(['1 lag OK']);
    expect(short(watcher.advance(T0 + 5 * MINUTE_MS))).toEqual(['3 lag ALARM', '5 lag OK']);
    expect(watcher.notifications.map(({ state, action }) => [state, action])).toEqual([
      ['OK', PAGES],
      ['ALARM', PAGES],
      ['OK', PAGES],
    ]);
    expect(watcher.stateOf('lag')).toBe('OK');
  });

  test('tells on transitions only, however long a state lasts', () => {
    const watcher = watcherOf(WATCHED);
    for (let minute = 0; minute < 30; minute++) watcher.line(heartbeat(minute, 20));
    watcher.advance(T0 + 30 * MINUTE_MS);
    expect(watcher.notifications.map(({ state }) => state)).toEqual(['OK', 'ALARM']);
  });

  test('comes to the same in one stride and in many', () => {
    const [once, often] = [watcherOf(WATCHED), watcherOf(WATCHED)];
    for (const watcher of [once, often])
      for (let minute = 0; minute < 40; minute++)
        watcher.line(heartbeat(minute, minute % 7 === 0 ? 50 : (minute % 11) * 2));
    once.advance(T0 + 40 * MINUTE_MS);
    for (let at = T0; at <= T0 + 40 * MINUTE_MS; at += 7_000) often.advance(at);
    often.advance(T0 + 40 * MINUTE_MS);
    expect(often.timeline()).toEqual(once.timeline());
    expect(once.timeline().transitions.length).toBeGreaterThan(3);
  });

  test('takes what is older than its clock as data: an alarm does not begin without a past', () => {
    const silent = lagAlarm({
      AlarmName: 'silent',
      TreatMissingData: 'breaching',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 0,
    });
    const [fresh, grown] = [watcherOf({ ...WATCHED, Silent: silent }), watcherOf({ ...WATCHED, Silent: silent })];
    for (let minute = -5; minute < 0; minute++) grown.line(heartbeat(minute, 1));
    expect(short(fresh.advance(T0 + MINUTE_MS))).toContain('1 silent ALARM');
    expect(short(grown.advance(T0 + MINUTE_MS))).toContain('1 silent OK');
  });

  test('does not go back in time', () => {
    const watcher = watcherOf(WATCHED);
    watcher.advance(T0 + 3 * MINUTE_MS);
    expect(watcher.advance(T0)).toEqual([]);
    expect(watcher.now_ms).toBe(T0 + 3 * MINUTE_MS);
  });

  test('says what disabled actions would have told', () => {
    const watcher = watcherOf({ ...WATCHED, LagAlarm: lagAlarm({ ActionsEnabled: false }) });
    expect(watcher.advance(T0 + MINUTE_MS)).toMatchObject([
      { to: 'OK', actions: [], withheld: { by: 'ActionsDisabled', actions: [PAGES] } },
    ]);
    expect(watcher.notifications).toEqual([]);
  });

  test('evaluates alarms of ten seconds every ten seconds and others every minute', () => {
    const watcher = watcherOf({
      Fast: lagAlarm({ AlarmName: 'fast', Period: 10, EvaluationPeriods: 1, DatapointsToAlarm: 1 }),
      Slow: lagAlarm({ AlarmName: 'slow', EvaluationPeriods: 1, DatapointsToAlarm: 1 }),
      Pages: WATCHED.Pages,
    });
    watcher.sample({ id: LAG, sample: { ts_ms: T0 + 12_000, value: 20 } });
    const alarms = watcher.advance(T0 + MINUTE_MS).filter(({ to }) => to === 'ALARM');
    expect(alarms.map(({ alarm, ts_ms }) => [alarm, ts_ms - T0])).toEqual([
      ['fast', 20_000],
      ['slow', 60_000],
    ]);
  });

  test('can evaluate more often than CloudWatch, but not at steps that miss the minute', () => {
    const watcher = watcherOf(WATCHED, { stepMs: 10_000 });
    expect(watcher.advance(T0 + 10_000)[0]?.ts_ms).toBe(T0 + 10_000);
    expect(() => watcherOf(WATCHED, { stepMs: 7_000 })).toThrow(RangeError);
    expect(() => watcherOf(WATCHED, { stepMs: 0 })).toThrow(RangeError);
  });
});

describe('lines', () => {
  test('count once for a filter that several groups have, when nobody says their group', () => {
    const twice = { ...WATCHED, SinkFilter: lagFilter({ LogGroupName: { Ref: 'SinkLogs' } }) };
    const watcher = watcherOf(twice);
    const { ts_ms, message } = heartbeat(0, 3);
    watcher.line({ ts_ms, message });
    watcher.line({ ts_ms, message, log_group: 'SinkLogs' });
    watcher.line({ ts_ms, message, log_group: '/somewhere/else' });
    expect(watcher.timeline().metrics.find(({ id }) => id.name === 'Lag')).toMatchObject({ samples: 2, sum: 6 });
  });

  test('make embedded metrics, and what the log service counts by itself', () => {
    const watcher = watcherOf(WATCHED);
    const emf = {
      _aws: { Timestamp: T0, CloudWatchMetrics: [{ Namespace: 'Own', Dimensions: [[]], Metrics: [{ Name: 'rows' }] }] },
      rows: 7,
    };
    watcher.line({ ts_ms: T0, message: JSON.stringify(emf), log_group: 'SinkLogs' });
    watcher.line({ ts_ms: T0, message: '{"_aws": 1}', log_group: 'SinkLogs' });
    const sums = new Map(
      watcher.timeline().metrics.map(({ id, sum }) => [`${id.name} ${id.dimensions['LogGroupName'] ?? ''}`, sum]),
    );
    expect(sums.get('rows ')).toBe(7);
    expect(sums.get('IncomingLogEvents SinkLogs')).toBe(2);
    expect(sums.get('IncomingBytes ')).toBe(JSON.stringify(emf).length + '{"_aws": 1}'.length);
    expect(sums.get('EMFParsingErrors SinkLogs')).toBe(1);
    expect(sums.has('EMFParsingErrors /tape/streamer')).toBe(false);
  });
});

describe('composites', () => {
  const watched = {
    ...WATCHED,
    LagAlarm: lagAlarm({ AlarmActions: [], OKActions: [] }),
    Dead: lagAlarm({
      AlarmName: 'dead',
      MetricName: 'Dead',
      Threshold: 0,
      EvaluationPeriods: 1,
      DatapointsToAlarm: 1,
      AlarmActions: [],
      OKActions: [],
    }),
  };
  const dead = (watcher: Watcher, minute: number, value: number): void =>
    watcher.sample({ id: { ...LAG, name: 'Dead' }, sample: { ts_ms: T0 + minute * MINUTE_MS, value } });

  test('follow their children in the same minute, a composite of composites too', () => {
    const watcher = watcherOf({
      ...watched,
      Top: composite('top', 'ALARM(page)'),
      Page: composite('page', 'ALARM(lag)', { AlarmActions: [PAGES] }),
    });
    [20, 20].forEach((lag, minute) => watcher.line(heartbeat(minute, lag)));
    expect(short(watcher.advance(T0 + 2 * MINUTE_MS)).slice(-3)).toEqual([
      '2 lag ALARM',
      '2 page ALARM',
      '2 top ALARM',
    ]);
    expect(watcher.notifications.map(({ alarm, action }) => [alarm, action])).toEqual([['page', PAGES]]);
  });

  const suppressed = {
    ...watched,
    Page: composite('page', 'ALARM(lag)', {
      AlarmActions: [PAGES],
      ActionsSuppressor: 'dead',
      ActionsSuppressorWaitPeriod: 60,
      ActionsSuppressorExtensionPeriod: 90,
    }),
  };

  test('are silent while another alarm explains them, and say why', () => {
    const watcher = watcherOf(suppressed);
    for (let minute = 0; minute < 8; minute++) {
      watcher.line(heartbeat(minute, 20));
      dead(watcher, minute, minute >= 2 ? 1 : 0);
    }
    const page = watcher.advance(T0 + 8 * MINUTE_MS).filter(({ alarm, to }) => alarm === 'page' && to === 'ALARM');
    expect(page).toMatchObject([{ actions: [], withheld: { by: 'WaitPeriod', actions: [PAGES] } }]);
    expect(watcher.notifications).toEqual([]);
  });

  test('are told after the extension when the explanation went and they did not, to the second', () => {
    const watcher = watcherOf(suppressed);
    for (let minute = 0; minute < 10; minute++) {
      watcher.line(heartbeat(minute, 20));
      dead(watcher, minute, minute < 4 ? 1 : 0);
    }
    watcher.advance(T0 + 10 * MINUTE_MS);
    // the suppressor is OK from minute 5; ninety seconds later is between two evaluations
    expect(watcher.notifications).toMatchObject([
      { alarm: 'page', state: 'ALARM', late: true, ts_ms: T0 + 6.5 * MINUTE_MS },
    ]);
  });

  test('see a suppressor that alarms in the very same evaluation', () => {
    const page = {
      ActionsSuppressor: 'cause',
      ActionsSuppressorWaitPeriod: 0,
      ActionsSuppressorExtensionPeriod: 0,
      AlarmActions: [PAGES],
    };
    const watcher = watcherOf({
      ...watched,
      Page: composite('page', 'ALARM(lag)', page),
      Cause: composite('cause', 'ALARM(lag)'),
    });
    [20, 20].forEach((lag, minute) => watcher.line(heartbeat(minute, lag)));
    watcher.advance(T0 + 2 * MINUTE_MS);
    expect(watcher.stateOf('page')).toBe('ALARM');
    expect(watcher.notifications).toEqual([]);
  });
});

describe('what CloudWatch would refuse is refused before anything is watched', () => {
  test.each([
    ['a filter pattern', { ...WATCHED, Bad: lagFilter({ FilterPattern: '{ $.a = ' }) }, 'Bad'],
    ['M above N', { LagAlarm: lagAlarm({ DatapointsToAlarm: 4 }), Pages: WATCHED.Pages }, 'lag'],
    ['a statistic', { LagAlarm: lagAlarm({ Statistic: 'Often' }), Pages: WATCHED.Pages }, 'lag'],
    ['a rule', { ...WATCHED, Page: composite('page', 'ALARM(gone)') }, 'page'],
  ])('%s', (_, resources, logicalId) => {
    let error: unknown;
    try {
      watcherOf(resources);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(TemplateError);
    expect((error as TemplateError).faults.map((fault) => fault.logicalId)).toEqual([logicalId]);
  });
});
