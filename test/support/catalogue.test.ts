import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ENTRIES, lineOf } from '../core/logging/sample-lines.ts';
import { sequenceViolations, violationsOf } from './catalogue.ts';
import { PrintedLines } from './printed-lines.ts';

const SERVICE_OF: Readonly<Record<string, string>> = {
  sink: 'kalshi-tape-sink',
  clickhouse: 'kalshi-tape-sink',
  probe: 'kalshi-tape-probe',
  notify: 'kalshi-tape-notify',
};

/** A line of the event as its program prints it, with what is given over it; undefined takes a field away. */
function printed(event: (typeof ENTRIES)[number][0], more: Readonly<Record<string, unknown>> = {}): string {
  const line = JSON.parse(lineOf(event)) as Record<string, unknown>;
  const service = SERVICE_OF[String(line['component'])];
  const envelope =
    service === undefined ? { service: 'kalshi-tape-streamer', log_seq: 1 } : { service, sampling_rate: 0 };
  return JSON.stringify({ ...line, ...envelope, ...more });
}

describe('the check of a line', () => {
  test.each(ENTRIES)('finds nothing in %s as its program prints it', (event) => {
    expect(violationsOf(printed(event))).toEqual([]);
  });

  test.each([
    ['an event that nobody knows', { event: 'insert_okay' }],
    ['another level than the event’s', { level: 'ERROR' }],
    ['another component', { component: 'sink' }],
    ['a message that is not the event', { message: 'it was received' }],
    ['a local time', { timestamp: '2026-11-23T22:00:00.000+01:00' }],
    ['a field that is missing', { signal: undefined }],
    ['a number where text is due', { signal: 15 }],
    ['a field that the event does not have', { reason: 'SIGTERM' }],
    ['a field that nobody has', { pid: 4 }],
    ['no number of its own', { log_seq: undefined }],
    ['a service that is not ours', { service: 'test' }],
    ['a sampling rate, which the streamer has not', { sampling_rate: 0 }],
  ])('finds %s', (_, fault) => {
    expect(violationsOf(printed('received_signal', fault))).not.toEqual([]);
  });

  test('finds a number that is none, a list that is a text and counts that are a list', () => {
    expect(violationsOf(printed('ws_closed', { frames: null }))).toEqual(['frames is no number']);
    expect(violationsOf(printed('startup_refused', { faults: 'one' }))).toEqual(['faults is no strings']);
    expect(violationsOf(printed('warehouse_heartbeat', { rows_ingested_last_5m: [1] }))).toEqual([
      'rows_ingested_last_5m is no counts',
    ]);
  });

  test('lets Powertools leave out a text that is empty, and nothing else', () => {
    expect(violationsOf(printed('sink_batch_failed', { table: undefined }))).toEqual([]);
    expect(violationsOf(printed('sink_batch_failed', { category: undefined }))).toEqual(['category is missing']);
    expect(violationsOf(printed('frames_rejected', { block_id: undefined }))).toEqual(['block_id is missing']);
    expect(violationsOf(printed('crashed', { detail: undefined }))).toEqual(['detail is missing']);
  });

  test.each(['', 'plain text', '[]', '7', 'null', '{"event":'])('finds that %j is no line', (text) => {
    expect(violationsOf(text)).toEqual(['is no JSON object in one line']);
  });
});

describe('the check of a metric line', () => {
  const METRICS = {
    _aws: {
      Timestamp: 1_795_428_000_000,
      CloudWatchMetrics: [
        { Namespace: 'KalshiTape', Dimensions: [['service']], Metrics: [{ Name: 'IngestLag', Unit: 'Seconds' }] },
      ],
    },
    service: 'kalshi-tape-sink',
    IngestLag: [0.2, 0.3],
  };
  const check = (more: object): string[] => violationsOf(JSON.stringify({ ...METRICS, ...more }));

  test('finds nothing in one that CloudWatch takes', () => {
    expect(check({})).toEqual([]);
    expect(check({ IngestLag: 7 })).toEqual([]);
  });

  test.each([
    ['a metric without a value', { IngestLag: undefined }],
    ['more values than CloudWatch takes', { IngestLag: Array.from({ length: 101 }, () => 1) }],
    ['a dimension without a value', { service: undefined }],
    ['a field that is neither', { secret: 'x' }],
    ['no time', { _aws: { CloudWatchMetrics: METRICS._aws.CloudWatchMetrics } }],
  ])('finds %s', (_, fault) => {
    expect(check(fault)).not.toEqual([]);
  });
});

test('numbers that are missing, doubled or out of order are found', () => {
  const numbered = (...numbers: readonly number[]) => numbers.map((log_seq) => printed('received_signal', { log_seq }));
  expect(sequenceViolations(numbered(1, 2, 3))).toEqual([]);
  expect(sequenceViolations(numbered(1, 3))).toEqual(['log_seq 2 was due, 3 came']);
  expect(sequenceViolations(numbered(2))).not.toEqual([]);
  expect(sequenceViolations(numbered(1, 2, 2))).not.toEqual([]);
});

describe('what the children of a process print', () => {
  let directory: string;
  beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'printed-'))));
  afterEach(() => rm(directory, { recursive: true }));

  /** What is found where a program of that name prints the lines, its reader beside us having them all the same. */
  async function found(name: string, lines: readonly string[], stream = 'stdout') {
    const program = join(directory, name);
    await writeFile(program, `process.${stream}.write(${JSON.stringify(lines.map((line) => `${line}\n`).join(''))});`);
    const subject = new PrintedLines();
    subject.start();
    const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'pipe'] });
    let read = '';
    for (const pipe of [child.stdout, child.stderr]) pipe.on('data', (chunk: Buffer) => (read += chunk.toString()));
    await once(child, 'close');
    subject.stop();
    expect(read.split('\n').slice(0, -1)).toEqual(lines);
    return { violations: subject.takeViolations(), lines: subject.lines };
  }

  // Files that look like our bundles to the check of the very run that this test is part of: all their lines are right.
  const GOOD = [1, 2, 3].map((log_seq) => printed('received_signal', { log_seq }));

  test('are seen line by line though somebody else reads them', async () => {
    expect(await found('ecs-main.mjs', GOOD)).toEqual({ violations: [], lines: 3 });
    expect(await found('streamer.mjs', GOOD)).toEqual({ violations: [], lines: 3 });
    expect(await found('functions-sink-handler.mjs', [printed('insert_failed')], 'stderr')).toEqual({
      violations: [],
      lines: 1,
    });
  });

  test('are read from its log files where it is the whole local stack', async () => {
    await mkdir(join(directory, 'local'));
    await mkdir(join(directory, 'logs'));
    const program = join(directory, 'local', 'start.ts');
    await writeFile(program, "process.stdout.write('Recording …');");
    for (const name of ['streamer', 'probe'])
      await writeFile(join(directory, 'logs', `${name}.ndjson`), `${GOOD[0]!}\n`);
    const subject = new PrintedLines();
    subject.start();
    const child = spawn(process.execPath, [program, '--data', directory], { stdio: ['ignore', 'ignore', 'ignore'] });
    await once(child, 'close');
    subject.stop();
    expect({ violations: subject.takeViolations(), lines: subject.lines }).toEqual({ violations: [], lines: 2 });
  });

  test('are none of our business where the program is not ours', async () => {
    expect(await found('other-main.mjs', ['hello'])).toEqual({ violations: [], lines: 0 });
  });

  test('in a file are checked as well, the line that a kill cut off aside', async () => {
    const subject = new PrintedLines();
    const path = join(directory, 'tape.log');
    await writeFile(`${path}.1`, `${GOOD[0]!}\n`);
    await writeFile(path, `${printed('received_signal', { signal: 9 })}\n{"level":"INF`);
    subject.checkFile(path);
    expect(subject.takeViolations()).toHaveLength(1);
    expect(subject.takeViolations()).toEqual([]);
    expect(subject.lines).toBe(2);
  });
});
