import { z } from 'zod';
import { faultSchema } from './faults.ts';
import { optionsSchema } from './options.ts';
import { type Exchange, startExchange } from './server.ts';

/**
 * The exchange as a process. Options: JSON in EXCHANGE_OPTIONS or in the first argument. Over IPC it says
 * {ready, port, wsUrl, restUrl} once and then answers each message below; it ends with 0 on SIGTERM, SIGINT and when
 * its parent is gone, and with 1 where it cannot start.
 */
const messageSchema = z.union([
  z.strictObject({ stats: z.literal(true) }),
  z.strictObject({ sent: z.literal(true) }),
  z.strictObject({ truth: z.string() }),
  z.strictObject({ feed: z.enum(['pause', 'resume']) }),
  z.strictObject({ emit: z.int().positive() }),
  z.strictObject({ fault: faultSchema }),
]);

let stopping = false;

await main();

async function main(): Promise<void> {
  let exchange: Exchange;
  try {
    exchange = await startExchange(
      optionsSchema.parse(JSON.parse(process.env['EXCHANGE_OPTIONS'] ?? process.argv[2] ?? '{}')),
    );
  } catch (error) {
    report({ event: 'exchange_not_started', error: error instanceof Error ? error.message : String(error) });
    process.exit(1);
  }
  const { port, wsUrl, restUrl } = exchange;
  for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const)
    process.on(signal, () => void stop(exchange, signal));
  process.on('message', (message) => tell(answerTo(exchange, message)));
  report({ event: 'exchange_started', port, wsUrl, restUrl });
  tell({ ready: true, port, wsUrl, restUrl });
}

function answerTo({ control }: Exchange, input: unknown): object {
  const parsed = messageSchema.safeParse(input);
  if (!parsed.success) return { error: z.prettifyError(parsed.error) };
  const message = parsed.data;
  if ('stats' in message) return { stats: control.stats() };
  if ('sent' in message) return { sent: control.sent() };
  if ('truth' in message) return { truth: control.truth(message.truth) ?? null };
  if ('emit' in message) return { emitted: control.emit(message.emit) };
  if ('fault' in message) return { fault: message.fault.kind, connections: control.fault(message.fault) };
  if (message.feed === 'pause') control.pause();
  else control.resume();
  return { feed: message.feed };
}

async function stop(exchange: Exchange, reason: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  await exchange.close();
  report({ event: 'exchange_stopped', reason, ...exchange.control.stats() });
  process.exit(0);
}

function tell(message: object): void {
  if (process.connected) process.send?.(message);
}

function report(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
