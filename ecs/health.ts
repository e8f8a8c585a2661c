import { statSync } from 'node:fs';

/**
 * The container's health check: `node health.mjs`. 0: a connection lived within HEALTH_MAX_AGE_MS, as the age of HEALTH_FILE
 * says, which the streamer writes every second while a socket lives. 1: none did, or nobody knows; why is on stderr.
 * Another process than the streamer's, so it must not be asked often, and a streamer whose event loop stands still is unhealthy too.
 */

/** A connection lost and made anew takes seconds, so this long without one is no reconnect. */
const HEALTH_MAX_AGE_MS = 30_000;
/** The file's clock and ours are one machine's; a file from the future is a clock set back, and says nothing. */
const FUTURE_MAX_MS = 5_000;

const fault = faultOf(process.env['HEALTH_FILE'] ?? '', Date.now());
if (fault !== undefined) {
  process.stderr.write(`unhealthy: ${fault}\n`);
  process.exitCode = 1;
}

function faultOf(file: string, now_ms: number): string | undefined {
  if (file === '') return 'HEALTH_FILE names no file; nothing was checked';
  try {
    const age_ms = now_ms - statSync(file).mtimeMs;
    if (age_ms > HEALTH_MAX_AGE_MS) return `no connection has lived for ${Math.round(age_ms / 1_000)} s`;
    if (age_ms < -FUTURE_MAX_MS) return `the file is ${Math.round(-age_ms / 1_000)} s in the future; it says nothing`;
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'no connection has lived yet' : `the file cannot be read (${String(code)})`;
  }
}
