import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * How a request is answered. take: all records. throttle: every second record is taken, the others fail. lose_answer: all
 * are taken, nothing is answered. error: HTTP 500, nothing is taken. reset: the socket is destroyed, nothing is taken.
 */
export type Behaviour = 'take' | 'throttle' | 'lose_answer' | 'error' | 'reset';

interface PutRecords {
  readonly StreamName: string;
  readonly Records: readonly { readonly Data: string; readonly PartitionKey: string }[];
}

/** Answers PutRecords as Kinesis does (AWS JSON 1.1), on 127.0.0.1, and keeps every record taken, in order. */
export class LoopbackKinesis {
  readonly records: Buffer[] = [];
  readonly requests: { readonly records: number; readonly bytes: number; readonly behaviour: Behaviour }[] = [];
  /** For requests beyond the script. */
  behaviour: Behaviour = 'take';
  /** For the next requests, one each. */
  readonly script: Behaviour[] = [];
  readonly #server: Server;
  #taken = 0;

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(): Promise<LoopbackKinesis> {
    const kinesis = new LoopbackKinesis();
    await new Promise<void>((resolve) => kinesis.#server.listen(0, '127.0.0.1', resolve));
    return kinesis;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (request.headers['x-amz-target'] !== 'Kinesis_20131202.PutRecords') return void response.writeHead(400).end();
    const { Records } = JSON.parse(Buffer.concat(parts).toString()) as PutRecords;
    const behaviour = this.script.shift() ?? this.behaviour;
    const bytes = Records.reduce(
      (sum, { Data, PartitionKey }) => sum + Buffer.from(Data, 'base64').length + PartitionKey.length,
      0,
    );
    this.requests.push({ records: Records.length, bytes, behaviour });
    if (behaviour === 'reset') return void request.socket.destroy();
    if (behaviour === 'error') {
      answer(response, 500, { __type: 'InternalFailure', message: 'made to fail' });
      return;
    }
    const results = Records.map(({ Data }, index) =>
      behaviour === 'throttle' && index % 2 === 0 ? THROTTLED : this.#take(Data),
    );
    if (behaviour === 'lose_answer') return;
    const FailedRecordCount = results.filter((result) => result === THROTTLED).length;
    answer(response, 200, { FailedRecordCount, Records: results });
  }

  #take(data: string): object {
    this.records.push(Buffer.from(data, 'base64'));
    this.#taken++;
    return { SequenceNumber: String(this.#taken), ShardId: 'shardId-000000000000' };
  }
}

const THROTTLED = {
  ErrorCode: 'ProvisionedThroughputExceededException',
  ErrorMessage: 'Rate exceeded for shard shardId-000000000000',
};

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
}
