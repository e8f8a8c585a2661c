import { describe, expect, test } from 'vitest';
import { replayFiles } from '../../../lab/cli/replay.ts';
import { lagAlarm, template, WATCHED } from '../template/resources.ts';
import { ran, scratch } from './files.ts';

const write = scratch();
const templateFile = (resources: object = WATCHED): string =>
  write('template.json', JSON.stringify(template(resources)));
const line = (timestamp: string, ingest_lag_sec: number): string =>
  JSON.stringify({ timestamp, event: 'heartbeat', ingest_lag_sec });
const LINES = [
  line('2026-11-23T22:00:05Z', 20),
  line('2026-11-23T22:01:05.000Z', 20),
  '',
  'no json',
  '{"event":"heartbeat"}',
  JSON.stringify({ _aws: { Timestamp: Date.UTC(2026, 10, 23, 22, 2), CloudWatchMetrics: [] }, event: 'x' }),
].join('\n');

describe('replay', () => {
  test('prints metrics, states and notifications, and ends with counts', async () => {
    const lines = write('streamer.ndjson', LINES);
    const ended = await ran(replayFiles, '--template', templateFile(), lines);
    expect(ended.code).toBe(0);
    expect(ended.last).toEqual({
      lines: 3,
      metrics: 5,
      alarms: 1,
      transitions: 2,
      to_alarm: 1,
      notifications: 2,
      withheld: 0,
      in_alarm: 1,
    });
    const text = ended.lines.join('\n');
    expect(text).toContain('2 lines say no time');
    expect(text).toContain('log group /tape/streamer');
    expect(text).toContain('2026-11-23T22:02:00Z  lag  OK → ALARM');
    expect(text).toContain('lag ALARM → arn:aws:sns:us-east-1:123456789012:pages');
  });

  test('takes the group it is told, and all where the name means none', async () => {
    const lines = write('anything.ndjson', LINES);
    const as = async (...args: string[]): Promise<string> =>
      (await ran(replayFiles, '--template', templateFile(), ...args)).lines.join('\n');
    expect(await as(lines)).toContain('as if in every group');
    expect(await as('--group', `sinklogs=${lines}`)).toContain('log group SinkLogs');
    expect(await as('--group', `sinklogs=${lines}`)).toContain('lag  INSUFFICIENT_DATA → OK');
  });

  test('takes samples and a span', async () => {
    const samples = write(
      'samples.ndjson',
      '{"namespace":"Tape","name":"Lag","timestamp":"2026-11-23T22:00:00Z","value":50}\n',
    );
    const span = ['--from', '2026-11-23T22:00:00Z', '--to', '2026-11-23T22:30:00Z'];
    const ended = await ran(
      replayFiles,
      '--template',
      templateFile({
        LagAlarm: lagAlarm({ DatapointsToAlarm: 1, EvaluationPeriods: 1, AlarmActions: [], OKActions: [] }),
      }),
      '--samples',
      samples,
      ...span,
    );
    expect(ended.last).toMatchObject({ lines: 0, to_alarm: 1, in_alarm: 0 });
  });

  test('gives parameters to the template', async () => {
    const resources = { LagAlarm: lagAlarm({ Threshold: { Ref: 'Limit' }, AlarmActions: [], OKActions: [] }) };
    const path = write(
      'template.json',
      JSON.stringify(template(resources, { Parameters: { Limit: { Type: 'Number' } } })),
    );
    const lines = write('x.ndjson', LINES);
    expect((await ran(replayFiles, '--template', path, lines)).code).toBe(2);
    expect((await ran(replayFiles, '--template', path, '--parameter', 'Limit=5', lines)).code).toBe(0);
  });

  test.each([
    ['no template', ['x.ndjson']],
    ['no lines', ['--template', 'x.json']],
    ['an unknown option', ['--template', 'x.json', '--what', 'x']],
    ['a group without a file', ['--template', 'x.json', '--group', 'x']],
    ['an instant that is none', ['--template', 'x.json', '--from', 'soon', 'x.ndjson']],
    ['a template that is not there', ['--template', '/nowhere.json', 'x.ndjson']],
  ])('ends 2 with %s', async (_, args) => {
    expect((await ran(replayFiles, ...args)).code).toBe(2);
  });

  test.each([
    ['lines that are not there', () => ['--template', templateFile(), '/nowhere.ndjson']],
    ['a template that is no JSON', () => ['--template', write('t.json', '{'), write('x.ndjson', LINES)]],
    [
      'a template with faults',
      () => ['--template', templateFile({ A: lagAlarm({ Period: 'x' }) }), write('x.ndjson', LINES)],
    ],
    [
      'a group that the template has not',
      () => ['--template', templateFile(), '--group', `gone=${write('x.ndjson', LINES)}`],
    ],
    ['samples that are none', () => ['--template', templateFile(), '--samples', write('s.ndjson', '{"value":1}')]],
  ])('ends 2 with %s', async (_, args) => {
    const ended = await ran(replayFiles, ...args());
    expect(ended.code).toBe(2);
    expect(ended.lines.length).toBeGreaterThan(0);
  });
});
