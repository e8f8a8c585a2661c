import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { localKinesis } from '../../../local/kinesis/client.ts';
import { spawnProgram, type Child } from '../../../local/process/child.ts';

export const KINESIS_PROGRAM = fileURLToPath(new URL('../../../local/kinesis/program.ts', import.meta.url));

export interface EmulatorProcess {
  readonly child: Child;
  readonly port: number;
  readonly client: KinesisClient;
  readonly messages: readonly unknown[];
  stop(): Promise<void>;
}

/** The emulator as `npm start` runs it, over `<folder>/kinesis`; `hoursAhead` shifts its clock. */
export async function startEmulator(folder: string, hoursAhead = 0): Promise<EmulatorProcess> {
  const shift = `const now = Date.now; Date.now = () => now() + ${hoursAhead * 3_600_000}`;
  const messages: unknown[] = [];
  const child = spawnProgram({
    name: 'kinesis',
    argv: ['--import', `data:text/javascript,${shift}`, KINESIS_PROGRAM, '--path', join(folder, 'kinesis')],
    env: {},
    logFile: join(folder, 'kinesis.ndjson'),
    onMessage: (message) => messages.push(message),
  });
  const port = Number((await child.ready)['port']);
  const client = localKinesis(`http://127.0.0.1:${port}`);
  const stop = async (): Promise<void> => {
    client.destroy();
    child.kill('SIGTERM');
    await child.exit;
  };
  return { child, port, client, messages, stop };
}
