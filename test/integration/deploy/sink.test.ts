import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assetDirectory } from '../../../lib/bundle/program.ts';
import { SINK_MEMORY_MB, SINK_TIMEOUT_SEC } from '../../../lib/sink/sink-function.ts';
import { FunctionProcess } from '../../../local/lambda/function-process.ts';
import { openedMarker, TestTape } from '../../support/blocks.ts';
import { deltaText, snapshotText, tradeText } from '../../support/blocks-frames.ts';
import { eventOf, kinesisRecords } from '../../support/kinesis-event.ts';
import { functionEnvironment, synthesized } from '../../lib/synthesized.ts';
import { ALL_WELL, startWarehouse, type TestWarehouse } from '../sink/warehouse.ts';

const PASSWORD = 'from-secrets-manager';

let warehouse: TestWarehouse;
let secrets: SecretsManager;
let sink: FunctionProcess;
let deployed: Readonly<Record<string, string>>;
const lines: string[] = [];

beforeAll(async () => {
  warehouse = await startWarehouse();
  secrets = await SecretsManager.start();
  deployed = functionEnvironment(synthesized('prod'), 'Sink');
  sink = new FunctionProcess({
    functionName: 'sink',
    memoryLimitMb: SINK_MEMORY_MB,
    region: 'us-east-1',
    modulePath: join(assetDirectory('functions/sink/handler.ts', unbundled), 'index.mjs'),
    environment: {
      ...deployed,
      CLICKHOUSE_URL: warehouse.server.url,
      CLICKHOUSE_USER: 'default',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.endpoint,
      AWS_ACCESS_KEY_ID: 'AKIATEST',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'token',
    },
    timeoutMs: SINK_TIMEOUT_SEC * 1_000,
    onLine: (line) => lines.push(line),
  });
});
afterAll(async () => {
  await sink.stop();
  await secrets.stop();
  await warehouse.stop();
});

test('the deployed sink lands a Kinesis event with the environment that Lambda gives it, and takes it once', async () => {
  const tape = new TestTape();
  tape.marker(openedMarker());
  tape.frame(snapshotText('KXA-1', 1, 1, { yes: [['0.4000', '10.00']] }));
  for (let seq = 2; seq <= 200; seq++) tape.frame(deltaText('KXA-1', 1, seq));
  tape.frame(tradeText('KXA-1', 2, 1, 'trade-1'));
  const event = eventOf(kinesisRecords([tape.cut().record]));
  expect(await sink.invoke(event)).toEqual({ kind: 'response', payload: ALL_WELL });
  expect(await sink.invoke(event)).toEqual({ kind: 'response', payload: ALL_WELL });
  expect(await warehouse.counts(`session_id = '${tape.session_id}'`)).toMatchObject({
    frames: 201,
    orderbook_deltas: 199,
    orderbook_snapshots: 1,
    trades: 1,
    blocks: 1,
    rejects: 0,
  });
});

test('its password comes from Secrets Manager, once for all its invocations', () => {
  expect(secrets.asked).toEqual([deployed['CLICKHOUSE_PASSWORD_SECRET']]);
});

test('no line of it holds the password', () => {
  expect(lines.filter((line) => line.includes('sink_started'))).toHaveLength(1);
  expect(lines.filter((line) => line.includes(PASSWORD))).toEqual([]);
});

function unbundled(): void {
  throw new Error('the stack has not bundled the sink');
}

/** Answers GetSecretValue on 127.0.0.1, and keeps what was asked for. */
class SecretsManager {
  readonly asked: string[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { SecretId } = JSON.parse(Buffer.concat(chunks).toString()) as { SecretId: string };
        const isSigned = request.headers.authorization?.includes('/us-east-1/secretsmanager/aws4_request') === true;
        this.asked.push(SecretId);
        response.writeHead(isSigned ? 200 : 403, { 'content-type': 'application/x-amz-json-1.1' });
        response.end(JSON.stringify(isSigned ? { SecretString: PASSWORD } : { __type: 'AccessDeniedException' }));
      });
    });
  }

  static async start(): Promise<SecretsManager> {
    const manager = new SecretsManager();
    await new Promise<void>((resolve) => manager.#server.listen(0, '127.0.0.1', resolve));
    return manager;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
