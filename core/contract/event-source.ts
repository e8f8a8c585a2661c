import { BATCH_MAX_RECORDS } from './limits.ts';

/**
 * How the Kinesis event source calls the sink. The same settings drive Lambda's event source mapping and the local one.
 * Spans in seconds, as Lambda takes them.
 */
export interface EventSourceSettings {
  readonly batchSize: number;
  /** 0 … 300. How long a batch waits to fill. 0: Lambda polls a shard about once a second, which is the pause inserts need. */
  readonly maximumBatchingWindow_sec: number;
  /** Function errors and partial failures before a batch goes to the failure destination. */
  readonly maximumRetryAttempts: number;
  /** 60 … 604,800. Older records go to the failure destination. */
  readonly maximumRecordAge_sec: number;
  /** Halving a failing batch; off: the sink isolates what is bad by itself and a re-cut batch costs its token. */
  readonly bisectBatchOnFunctionError: boolean;
  /** The sink answers with the first record that is not committed. */
  readonly reportBatchItemFailures: boolean;
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
}

/**
 * Retries and age are finite and together longer than any ClickHouse outage we promise to survive (three days);
 * what is then still not landed goes with its payload to the failure destination.
 */
export const EVENT_SOURCE: EventSourceSettings = {
  batchSize: BATCH_MAX_RECORDS,
  maximumBatchingWindow_sec: 0,
  maximumRetryAttempts: 10_000,
  maximumRecordAge_sec: 3 * 86_400,
  bisectBatchOnFunctionError: false,
  reportBatchItemFailures: true,
  startingPosition: 'TRIM_HORIZON',
};
