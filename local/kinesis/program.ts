import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openEmulator } from './emulator.ts';
import { trimStore } from './trim.ts';

/**
 * A Kinesis on this machine: `node local/kinesis/program.ts --path data/kinesis [--port 4567]`.
 * Tells its parent `{ready: true, port}`, and after each trim that found something `{trimmed: {records, shards}}`.
 * Ends with 0 on SIGTERM, SIGINT or when the parent is gone; a second signal ends it at once.
 */
const TRIM_EVERY_MS = 3_600_000;

const { values } = parseArgs({
  options: { path: { type: 'string' }, port: { type: 'string', default: '0' } },
});
if (values.path === undefined) throw new Error('--path names the folder of the store; nothing was started');

const stopping = new AbortController();
for (const sign of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(sign, () => stopping.abort());

await mkdir(values.path, { recursive: true });
const emulator = openEmulator(values.path);
await trim();
const port = await emulator.listen(Number(values.port));
tellParent({ ready: true, port });

while (!stopping.signal.aborted) {
  await sleep(TRIM_EVERY_MS, undefined, { signal: stopping.signal }).then(trim, () => undefined);
}
await emulator.close();
process.exit(0);

async function trim(): Promise<void> {
  const trimmed = await trimStore(emulator.store, Date.now(), stopping.signal);
  if (trimmed.records > 0) tellParent({ trimmed });
}

function tellParent(message: object): void {
  if (process.connected) process.send?.(message);
}
