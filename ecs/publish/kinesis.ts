import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';

export interface StreamRecord {
  readonly data: Uint8Array;
  readonly partitionKey: string;
}

/** Why one record of a request was not taken. `index`: its place in the request. */
export interface RecordFailure {
  readonly index: number;
  readonly code: string;
  readonly message: string;
}

/** What the publisher needs of Kinesis. Rejects where the whole request failed: then nobody knows what was taken. */
export interface RecordStream {
  put(records: readonly StreamRecord[], signal: AbortSignal): Promise<readonly RecordFailure[]>;
  close(): void;
}

export interface KinesisOptions {
  readonly streamName: string;
  readonly region: string;
  /** Only for a Kinesis that is not AWS's. */
  readonly endpoint?: string | undefined;
}

export class KinesisStream implements RecordStream {
  readonly #client: KinesisClient;
  readonly #streamName: string;

  constructor(options: KinesisOptions) {
    this.#streamName = options.streamName;
    this.#client = new KinesisClient({
      region: options.region,
      // One attempt: the publisher owns retries and sends again only what failed.
      maxAttempts: 1,
      // Emulators break under the SDK's HTTP/2 handler; AWS keeps the default.
      ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint, requestHandler: new NodeHttpHandler() }),
    });
  }

  async put(records: readonly StreamRecord[], signal: AbortSignal): Promise<readonly RecordFailure[]> {
    const command = new PutRecordsCommand({
      StreamName: this.#streamName,
      Records: records.map(({ data, partitionKey }) => ({ Data: data, PartitionKey: partitionKey })),
    });
    const answer = await this.#client.send(command, { abortSignal: signal });
    const results = answer.Records ?? [];
    if (results.length !== records.length)
      throw new Error('the answer does not say of each record whether it was taken');
    const failures: RecordFailure[] = [];
    results.forEach((record, index) => {
      if (record.ErrorCode !== undefined && record.ErrorCode !== '') {
        failures.push({ index, code: record.ErrorCode, message: record.ErrorMessage ?? '' });
      }
    });
    return failures;
  }

  close(): void {
    this.#client.destroy();
  }
}
