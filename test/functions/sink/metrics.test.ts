import { Metrics } from '@aws-lambda-powertools/metrics';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { METRIC_NAMESPACE } from '../../../core/contract/names.ts';
import { publishLanded } from '../../../functions/sink/metrics.ts';
import type { LandedSum } from '../../../functions/sink/summary.ts';

const NOW_MS = Date.parse('2026-11-23T10:00:00Z');
/** CloudWatch: values of one metric, and metrics, in one blob. */
const MAX_VALUES = 100;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW_MS });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

interface Blob {
  readonly [name: string]: unknown;
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
}

/** Everything that the publishing prints, on either stream: nothing but blobs. */
function blobsOf(...sums: readonly LandedSum[]): readonly Blob[] {
  const lines: string[] = [];
  const take = (chunk: unknown): boolean => {
    lines.push(String(chunk));
    return true;
  };
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockImplementation(take);
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: 'kalshi-tape-sink' });
  for (const sum of sums) publishLanded(metrics, sum);
  vi.restoreAllMocks();
  return lines.map((line) => JSON.parse(line) as Blob);
}

const sumOf = (over: Partial<LandedSum> = {}): LandedSum => ({
  aws_request_id: 'r',
  newest_block_id: 's:1-500',
  records: 34,
  blocks: 30,
  duplicates: 4,
  torn: 0,
  frames: 15_000,
  rows: 14_990,
  rejects: 2,
  unknownTypes: 1,
  duration_ms: 80,
  ingest_lag_sec: 2.5,
  batches: 2,
  span_sec: 30,
  lags: [1.25, 2.5],
  lastAt: NOW_MS - 20_000,
  ...over,
});

const valuesOf = (blobs: readonly Blob[], name: string): number[] =>
  blobs.flatMap((blob) => (blob[name] === undefined ? [] : (blob[name] as number | number[])));

test('sums are one blob of the embedded metric format: names, units, namespace and dimension as they are agreed', () => {
  const [blob, ...others] = blobsOf(sumOf());
  expect(others).toEqual([]);
  expect(blob?._aws.CloudWatchMetrics).toEqual([
    {
      Namespace: METRIC_NAMESPACE,
      Dimensions: [['service']],
      Metrics: [
        { Name: 'FramesLanded', Unit: 'Count' },
        { Name: 'RowsLanded', Unit: 'Count' },
        { Name: 'BlocksLanded', Unit: 'Count' },
        { Name: 'DuplicateBlocks', Unit: 'Count' },
        { Name: 'Rejects', Unit: 'Count' },
        { Name: 'UnknownTypes', Unit: 'Count' },
        { Name: 'IngestLag', Unit: 'Seconds' },
      ],
    },
  ]);
  expect(blob).toMatchObject({ service: 'kalshi-tape-sink', FramesLanded: 15_000, RowsLanded: 14_990 });
  expect(blob).toMatchObject({ BlocksLanded: 30, DuplicateBlocks: 4, Rejects: 2, UnknownTypes: 1 });
  expect(blob?.['IngestLag']).toEqual([1.25, 2.5]);
});

test('sums bear the time at which they landed, also where the environment slept before it told them', () => {
  expect(blobsOf(sumOf({ lastAt: NOW_MS - 3_600_000.4 }))[0]?._aws.Timestamp).toBe(NOW_MS - 3_600_000);
});

test.each([0, 1, 99, 100, 101, 250])(
  '%i lags are all there, no blob has more values than CloudWatch takes, and sums are there once',
  (count) => {
    const lags = Array.from({ length: count }, (_, n) => n / 8);
    const blobs = blobsOf(sumOf({ lags }));
    expect(valuesOf(blobs, 'IngestLag')).toEqual(lags);
    expect(valuesOf(blobs, 'FramesLanded')).toEqual([15_000]);
    for (const blob of blobs) {
      expect(valuesOf([blob], 'IngestLag').length).toBeLessThanOrEqual(MAX_VALUES);
      expect(blob._aws.CloudWatchMetrics[0]?.Metrics.length).toBeLessThan(MAX_VALUES);
    }
  },
);

test('one publishing leaves nothing over for the next', () => {
  const blobs = blobsOf(sumOf(), sumOf({ frames: 7, lags: [] }));
  expect(valuesOf(blobs, 'FramesLanded')).toEqual([15_000, 7]);
  expect(valuesOf(blobs, 'IngestLag')).toEqual([1.25, 2.5]);
});
