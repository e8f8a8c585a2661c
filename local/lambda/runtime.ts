import { pathToFileURL } from 'node:url';
import { functionErrorOf, serialiseResult } from './answer.ts';
import { contextOf, type LambdaContext } from './context.ts';
import type { InvokeMessage, RuntimeMessage } from './messages.ts';

/**
 * Runs in the function's process: `node local/lambda/runtime.ts <module>`. Imports the module's `handler`, then answers
 * one invocation after the other over IPC. Ends when the other end of the channel is gone.
 */
type Handler = (event: unknown, context: LambdaContext) => unknown;

process.once('disconnect', () => process.exit(0));
const modulePath = process.argv[2] ?? '';
const handler = await load(modulePath);
if (handler !== null) {
  process.on('message', (message: InvokeMessage) => void answer(handler, message));
  say({ kind: 'init_done' });
}

async function load(path: string): Promise<Handler | null> {
  try {
    const module = (await import(pathToFileURL(path).href)) as { readonly handler?: unknown };
    if (typeof module.handler === 'function') return module.handler as Handler;
    throw new TypeError(`${path} exports no function named handler`);
  } catch (error) {
    say({ kind: 'init_failed', error: functionErrorOf(error) });
    return null;
  }
}

async function answer(handler: Handler, { id, event, deadlineAt }: InvokeMessage): Promise<void> {
  try {
    const result = await handler(JSON.parse(event), contextOf(id, deadlineAt));
    say({ kind: 'result', id, payload: serialiseResult(result) });
  } catch (error) {
    say({ kind: 'error', id, error: functionErrorOf(error) });
  }
}

function say(message: RuntimeMessage): void {
  if (process.connected) process.send?.(message);
}
