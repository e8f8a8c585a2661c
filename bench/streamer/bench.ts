import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { STREAMER_NODE_FLAGS } from '../../core/contract/runtime.ts';
import { bundle } from '../../local/bundle.ts';
import type { Outcome, Say } from '../support/outcome.ts';
import { canPin, startPeer } from '../support/peer.ts';
import {
  type Measured,
  measured,
  type Mode,
  MODES,
  type ReceiverArgument,
  type SenderReady,
  senderReady,
} from './messages.ts';
import { floodMarkets } from './pool.ts';
import { faultsOf, outcomeOf, type Round } from './summary.ts';

export interface StreamerOptions {
  readonly rounds: number;
  /** Deltas of one pass. */
  readonly frames: number;
}

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const SENDER = fileURLToPath(new URL('./sender.ts', import.meta.url));
/** Bundled and with the flags of the streamer as it is deployed, in every mode. */
const RECEIVER = fileURLToPath(new URL('./receiver.ts', import.meta.url));
const SENDER_CORE = 0;
const RECEIVER_CORE = 1;
/** Of a pass: not measured. */
const WARM_UP_SHARE = 0.2;

/** The streamer's loop against two ceilings. Rounds, each with one pass per mode, so that a slow minute hits all of them. */
export async function benchStreamer({ rounds, frames }: StreamerOptions, say: Say): Promise<Outcome> {
  const pinned = canPin();
  const folder = await mkdtemp(join(tmpdir(), 'tape-bench-'));
  const sender = startPeer(SENDER, { deltas: frames }, senderReady, pinned ? SENDER_CORE : undefined);
  try {
    const receiver = await bundle(relative(PROJECT, RECEIVER), folder);
    const flood = await sender.said;
    const done: Round[] = [];
    for (let round = 0; round < rounds; round++) {
      const order = MODES.map((_, i) => MODES[(i + round) % MODES.length]!);
      const passes: Partial<Record<Mode, Measured>> = {};
      for (const mode of order) {
        const argument = argumentOf(mode, flood, join(folder, `${round}-${mode}`));
        const core = pinned ? RECEIVER_CORE : undefined;
        passes[mode] = await startPeer(receiver, argument, measured, core, STREAMER_NODE_FLAGS).said;
        const { frames: count, wall_sec } = passes[mode];
        say(`round ${round + 1} of ${rounds}: ${mode} ${Math.round(count / wall_sec)} msg/s`);
      }
      done.push(passes as Round);
    }
    const faults = done.flatMap(({ streamer }) => faultsOf(streamer, flood));
    if (faults.length > 0) throw new Error(`the streamer did not record what was sent: ${faults.join('; ')}`);
    return outcomeOf(done, flood, pinned);
  } finally {
    sender.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function argumentOf(mode: Mode, { port, frames }: SenderReady, folder: string): ReceiverArgument {
  const url = `ws://127.0.0.1:${port}/trade-api/ws/v2`;
  return { mode, url, markets: [...floodMarkets()], frames, warmUp: Math.ceil(frames * WARM_UP_SHARE), folder };
}
