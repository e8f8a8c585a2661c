import { WebSocket } from 'ws';
import { classify } from '../../core/failure/classify.ts';
import type { Credential } from '../../core/kalshi/signature.ts';
import { WS_PATH } from '../../core/kalshi/signature.ts';
import type { EventLog } from '../../core/logging/event-log.ts';
import type { Oversize } from '../../core/tape/block-builder.ts';
import type { CutBounds } from '../publish/cutter.ts';
import { Cutter } from '../publish/cutter.ts';
import type { EncodedBlock } from '../../core/tape/block.ts';
import { step } from './machine.ts';
import { Recording } from './recording.ts';
import type { Before, Dropped, Refusal, SessionEffect, SessionInput, SessionPlan, SessionState } from './state.ts';

/** A message larger than this ends the connection (ws closes with 1009); larger than a block, it is a hole. */
const WS_MAX_PAYLOAD_BYTES = 32 * 1_048_576;
const CLOSE_NORMAL = 1000;

export interface ConnectionPorts {
  readonly credential: Credential;
  readonly recorder_id: string;
  readonly bounds: CutBounds;
  readonly log: EventLog;
  /** Microseconds since 1970. */
  readonly now: () => number;
  /** 0 ≤ n < 1 */
  readonly random: () => number;
  /** A session of this connection begins. */
  readonly onSession: (session_id: string) => void;
  readonly onBlock: (block: EncodedBlock) => void;
}

/** One of the recorder's connections: runs the session machine over real sockets. A new socket is a new Recording. */
export class Connection {
  readonly #plan: SessionPlan;
  readonly #ports: ConnectionPorts;
  #state: SessionState;
  #socket: WebSocket | undefined;
  #recording: Recording | undefined;
  /** When the exchange was last heard, ping or frame; microseconds since 1970. */
  #lastPing_ts = 0;
  #dropped: Dropped[] = [];
  #recovered = false;
  #framesBefore = 0;
  #lost = 0;

  constructor(plan: SessionPlan, before: Before | undefined, ports: ConnectionPorts) {
    this.#plan = plan;
    this.#ports = ports;
    this.#state = { name: 'idle', before };
  }

  get stateName(): SessionState['name'] {
    return this.#state.name;
  }

  get openHoles(): number {
    return this.#state.name === 'live' ? this.#state.holes.length : 0;
  }

  /** Connections lost since the start. */
  get lost(): number {
    return this.#lost;
  }

  /** Frames received since the start. */
  get framesReceived(): number {
    return this.#framesBefore + (this.#recording?.cutter.frames ?? 0);
  }

  /** Frames received and not in a block yet. */
  get framesGathered(): number {
    return this.#recording?.cutter.buffered ?? 0;
  }

  get oldestTs(): number | undefined {
    return this.#recording?.cutter.oldestTs;
  }

  get lastDataFrame(): Buffer | undefined {
    return this.#recording?.lastDataFrame;
  }

  start(): void {
    this.#tell({ type: 'start' });
  }

  /** Call several times a second: time is an input of the session, and blocks are cut by age. */
  tick(): void {
    const recording = this.#recording;
    recording?.tellFresh();
    const lastInbound_ts = Math.max(this.#lastPing_ts, recording?.lastFrame_ts ?? 0);
    this.#tell({ type: 'tick', lastInbound_ts, lastData_ts: recording?.lastData_ts ?? 0 });
    this.#tellRecovered();
    this.#recording?.cutter.tick();
  }

  /** Ends the session and the socket; what is gathered is cut. */
  stop(): void {
    this.#recording?.tellFresh();
    this.#tell({ type: 'stop' });
  }

  /** Frames of one of this connection's sessions could not be kept. */
  drop(dropped: Dropped): void {
    this.#dropped.push(dropped);
  }

  /** Publishing works again: the holes of what was dropped can be told. */
  recovered(): void {
    this.#recovered = true;
  }

  #tellRecovered(): void {
    if (!this.#recovered || this.#state.name !== 'live') return;
    this.#recovered = false;
    const dropped = merge(this.#dropped);
    this.#dropped = [];
    if (dropped.length > 0) this.#tell({ type: 'recovered', dropped });
  }

  #tell(input: SessionInput): void {
    const context = {
      now: this.#ports.now(),
      random: this.#ports.random,
      plan: this.#plan,
      frames: this.#recording?.cutter.frames ?? 0,
    };
    const { state, effects } = step(this.#state, input, context);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: SessionEffect): void {
    switch (effect.type) {
      case 'connect':
        return this.#connect(effect.session_id);
      case 'send':
        return this.#socket?.send(JSON.stringify(effect.command));
      case 'mark':
        return this.#recording?.cutter.marker(effect.marker);
      case 'end_session':
        return this.#endSession(effect.reason);
      case 'close':
        return this.#socket?.close(CLOSE_NORMAL);
      case 'terminate':
        return this.#socket?.terminate();
      case 'log':
        if (effect.event === 'ws_disconnected') this.#lost++;
        return this.#ports.log(effect.event, effect.fields as never);
    }
  }

  #connect(session_id: string): void {
    const headers = this.#ports.credential.upgradeHeaders(Math.floor(this.#ports.now() / 1_000), WS_PATH);
    const socket = new WebSocket(this.#plan.url, {
      headers,
      perMessageDeflate: false,
      maxPayload: WS_MAX_PAYLOAD_BYTES,
      // A frame is kept byte for byte; whether it is UTF-8 is the sink's question.
      skipUTF8Validation: true,
    });
    this.#socket = socket;
    let refusal: Refusal | undefined;
    let recording: Recording | undefined;

    socket.on('open', () => {
      if (this.#socket !== socket) return;
      recording = this.#startRecording(session_id);
      this.#tell({ type: 'opened', session_id });
    });
    socket.on('ping', () => {
      if (this.#socket === socket) this.#lastPing_ts = this.#ports.now();
    });
    socket.on('message', (data, isBinary) => {
      if (recording !== undefined && recording === this.#recording) recording.take(data as Buffer, isBinary);
    });
    socket.on('unexpected-response', (_request, response) => {
      refusal = refusalOfStatus(response.statusCode ?? 0);
      response.resume();
      socket.terminate();
    });
    socket.on('error', (error) => {
      refusal ??= refusalOf(error);
    });
    socket.on('close', (code, reason) => {
      if (recording === undefined) {
        const why = refusal ?? refusalOf(new Error(`closed with code ${code} before it was open`));
        return this.#tell({ type: 'refused', session_id, refusal: why });
      }
      recording.tellFresh();
      const last_ts = Math.max(recording.lastFrame_ts, this.#lastPing_ts);
      this.#tell({ type: 'closed', session_id, code, reason: refusal?.exception_msg ?? reason.toString('utf8'), last_ts });
    });
  }

  #startRecording(session_id: string): Recording {
    const { recorder_id, bounds, now, onBlock } = this.#ports;
    const onOversize = (oversize: Oversize): void => {
      const { frame_no, recv_ts, bytes } = oversize;
      this.#ports.log('ws_frame_dropped', { session_id, reason: 'frame_oversize', frames: 1, bytes });
      this.#tell({ type: 'oversize', session_id, frame_no, recv_ts });
    };
    const cutter = new Cutter({ recorder_id, session_id }, bounds, { now, onBlock, onOversize });
    this.#ports.onSession(session_id);
    this.#lastPing_ts = 0;
    this.#recording = new Recording(session_id, cutter, (input) => this.#tell(input));
    return this.#recording;
  }

  #endSession(reason: 'session_end' | 'shutdown' | 'rows' | 'bytes' | 'age'): void {
    const recording = this.#recording;
    if (recording === undefined) return;
    recording.cutter.cut(reason);
    this.#framesBefore += recording.cutter.frames;
    this.#recording = undefined;
  }
}

function refusalOfStatus(status: number): Refusal {
  const failure = classify({ name: 'UpgradeRefused', message: `the exchange answered ${status}`, statusCode: status });
  const kind = status === 401 || status === 403 ? 'auth' : status === 429 ? 'throttled' : 'other';
  return {
    kind,
    category: failure.category,
    failure_class: failure.class,
    exception_type: 'UpgradeRefused',
    exception_msg: `the exchange refused the connection with HTTP ${status}`,
    http_status: status,
  };
}

function refusalOf(error: Error): Refusal {
  const failure = classify(error);
  return {
    kind: 'other',
    category: failure.category,
    failure_class: failure.class,
    exception_type: failure.nodeCode ?? error.name,
    exception_msg: failure.reason,
    http_status: undefined,
  };
}

/** Ranges of one session that touch become one. */
function merge(dropped: readonly Dropped[]): Dropped[] {
  const merged: Dropped[] = [];
  for (const range of dropped) {
    const last = merged.at(-1);
    if (last !== undefined && last.session_id === range.session_id && range.first_frame_no <= last.last_frame_no + 1) {
      merged[merged.length - 1] = { ...last, last_frame_no: Math.max(last.last_frame_no, range.last_frame_no) };
    } else {
      merged.push(range);
    }
  }
  return merged;
}
