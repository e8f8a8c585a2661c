import { createHash } from 'node:crypto';
import { generateDeltas, generateSnapshots } from '../../local/exchange/flood.ts';
import { frameBytes, writeFrame } from './websocket.ts';

/** All frames of one connection, encoded before it opens. */
export interface Pool {
  /** Whole WebSocket frames; to be written one after the other. */
  readonly chunks: readonly Buffer[];
  readonly frames: number;
  /** Bytes of the messages, without WebSocket headers. */
  readonly bytes: number;
  /** SHA-256 over all messages, one after the other; each ends with a newline, so nothing can move between two of them. */
  readonly sha256: string;
}

const CHUNK_BYTES = 1_048_576;
const SEED = 9;

/** `deltas` orderbook_deltas behind the confirmation and the snapshots that a subscriber gets: seq 1, 2, 3 … on sid 1. */
export function encodePool(deltas: number): Pool {
  const hash = createHash('sha256');
  const chunks: Buffer[] = [];
  let chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let used = 0;
  let frames = 0;
  let bytes = 0;
  for (const text of messages(deltas)) {
    if (used + frameBytes(text.length) > chunk.length) {
      chunks.push(chunk.subarray(0, used));
      chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, frameBytes(text.length)));
      used = 0;
    }
    used = writeFrame(chunk, used, text);
    hash.update(text, 'latin1');
    frames++;
    bytes += text.length;
  }
  chunks.push(chunk.subarray(0, used));
  return { chunks, frames, bytes, sha256: hash.digest('hex') };
}

/** The markets of the flood, as a recorder asks for them. */
export function floodMarkets(): readonly string[] {
  return [...generateSnapshots(SEED)].map((text) => {
    const snapshot = JSON.parse(text) as { readonly msg: { readonly market_ticker: string } };
    return snapshot.msg.market_ticker;
  });
}

function* messages(deltas: number): Generator<string> {
  yield '{"id":1,"type":"subscribed","msg":{"channel":"orderbook_delta","sid":1}}\n';
  yield* generateSnapshots(SEED);
  yield* generateDeltas(SEED, deltas);
}
