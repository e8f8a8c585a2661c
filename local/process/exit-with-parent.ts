import { isMainThread } from 'node:worker_threads';

/**
 * Preloaded (`node --import`) into a program that knows nothing of a parent: when the parent is gone, the program gets
 * the SIGTERM it knows how to obey, and SIGKILL if it has not ended by then. The channel itself never keeps it alive.
 */
const KILL_AFTER_MS = 10_000;

if (isMainThread && process.channel !== undefined) {
  process.once('disconnect', () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), KILL_AFTER_MS).unref();
  });
  process.channel.unref();
  // The pipes break with the parent: the first line printed while ending in order would otherwise be a crash.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreBrokenPipe);
}

function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
