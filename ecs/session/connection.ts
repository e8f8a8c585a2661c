import { WebSocket } from 'ws';
import type { Credential } from '../../core/kalshi/signature.ts';
import { WS_PATH } from '../../core/kalshi/signature.ts';
import type { EventLog } from '../../core/logging/event-log.ts';
import type { Oversize } from '../../core/tape/block-builder.ts';
import type { CutBounds } from '../publish/cutter.ts';
import { Cutter } from '../publish/cutter.ts';
import type { CutReason, EncodedBlock } from '../../core/tape/block.ts';
import type { ReceivedFrame } from '../log/frame-log.ts';
import { step } from './machine.ts';
import { withDropped } from './dropped.ts';
import { FrameTap } from './frame-tap.ts';
import { HeldUp } from './held-up.ts';
import { type DataFrame, Recording } from './recording.ts';
import { refusalOf, refusalOfUpgrade } from './refusal.ts';
import type {
  Before,
  Dropped,
  Heard,
  Refusal,
  SessionEffect,
  SessionInput,
  SessionPlan,
  SessionState,
} from './state.ts';

/** A message larger than this ends the connection (ws closes with 1009); larger than a block, it is a hole. */
const WS_MAX_PAYLOAD_BYTES = 32 * 1_048_576;
const CLOSE_NORMAL = 1000;
/** How much of a refusal's body is read, and for how long. */
const REFUSAL_BODY_MAX_CHARS = 4_096;
const REFUSAL_BODY_MS = 1_000;
const NOTHING_HEARD: Heard = { inbound_ts: 0, frame_ts: 0, data_ts: 0 };

export interface ConnectionPorts {
  readonly credential: Credential;
  readonly recorder_id: string;
  readonly bounds: CutBounds;
  readonly log: EventLog;
  /** Microseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds since 1970 as the exchange's clock has them: a signature carries it. */
  readonly wall_ms: () => number;
  /** 0 ≤ n < 1 */
  readonly random: () => number;
  readonly onBlock: (block: EncodedBlock) => void;
  /** Hears every frame, in the hot path; undefined where nobody listens. */
  readonly onFrame?: ((frame: ReceivedFrame) => void) | undefined;
  /** A frame is larger than a record may be: it is lost, and its hole is told. */
  readonly onFrameLost: () => void;
  /** The holes of all frames dropped so far are marked in the blocks. */
  readonly onDroppedTold: () => void;
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
  readonly #heldUp = new HeldUp();
  #lastData: DataFrame | undefined;
  #dropped: readonly Dropped[] = [];
  #recovered = false;
  #framesBefore = 0;
  #lost = 0;

  constructor(plan: SessionPlan, before: Before | undefined, ports: ConnectionPorts) {
    this.#plan = plan;
    this.#ports = ports;
    this.#state = { name: 'idle', before };
  }

  /** From 0, as in `session_opened`. */
  get number(): number {
    return this.#plan.connection;
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

  /** The newest data frame of any session. */
  get lastData(): DataFrame | undefined {
    return this.#recording?.lastData ?? this.#lastData;
  }

  start(): void {
    this.#tell({ type: 'start' });
  }

  /** Call several times a second: time is an input of the session, and blocks are cut by age. */
  tick(): void {
    this.#recording?.tellFresh();
    const timeCounts = this.#heldUp.timeCounts(this.#ports.now());
    // Between two connections nobody is silent.
    if (timeCounts || this.#state.name === 'waiting') this.#tell({ type: 'tick', heard: this.#heard() });
    if (this.#recovered) this.#tellDropped();
    this.#recording?.cutter.tick();
  }

  /** Ends the session and the socket; what is gathered is cut. */
  stop(): void {
    this.#recording?.tellFresh();
    this.#tellDropped();
    this.#tell({ type: 'stop', heard: this.#heard() });
  }

  /** Frames or markers of one of this connection's sessions could not be kept. */
  drop(dropped: Dropped): void {
    this.#recovered = false;
    this.#dropped = withDropped(this.#dropped, dropped);
  }

  /** Blocks are kept again: the holes of what was dropped can be told. */
  recovered(): void {
    this.#recovered = true;
  }

  #tellDropped(): void {
    if (this.#dropped.length === 0 || this.#state.name !== 'live') return;
    const dropped = this.#dropped;
    this.#dropped = [];
    this.#recovered = false;
    this.#tell({ type: 'recovered', dropped });
    this.#ports.onDroppedTold();
  }

  #heard(): Heard {
    return this.#recording?.heard(this.#lastPing_ts) ?? NOTHING_HEARD;
  }

  #tell(input: SessionInput): void {
    const context = {
      // Never before what was recorded already: a hole must not end before the frame that fills it.
      now: Math.max(this.#ports.now(), this.#recording?.cutter.lastTs ?? 0),
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
    const headers = this.#ports.credential.upgradeHeaders(this.#ports.wall_ms(), WS_PATH);
    let refusal: Refusal | undefined;
    let recording: Recording | undefined;
    const take = (bytes: Buffer, start: number, end: number, isBinary: boolean): void => {
      if (recording === undefined || recording !== this.#recording) return;
      recording.take(bytes, isBinary, start, end);
      const { onFrame } = this.#ports;
      if (onFrame === undefined) return;
      onFrame({
        session_id,
        connection: this.#plan.connection,
        frame_no: recording.cutter.frames,
        bytes,
        start,
        end,
      });
    };
    const tap = new FrameTap({
      onMessage: take,
      onRead: () => recording?.keepNewest(),
      maxMessageBytes: WS_MAX_PAYLOAD_BYTES,
    });
    const socket = new WebSocket(this.#plan.url, {
      headers,
      createConnection: tap.connector(new URL(this.#plan.url).protocol === 'wss:'),
      perMessageDeflate: false,
      maxPayload: WS_MAX_PAYLOAD_BYTES,
      // A frame is kept byte for byte; whether it is UTF-8 is the sink's question.
      skipUTF8Validation: true,
    });
    this.#socket = socket;
    socket.on('open', () => {
      if (this.#socket !== socket) return;
      recording = this.#startRecording(session_id);
      tap.open();
      this.#tell({ type: 'opened', session_id });
    });
    socket.on('ping', () => {
      if (this.#socket === socket) this.#lastPing_ts = this.#ports.now();
    });
    socket.on('message', (data, isBinary) => {
      if (!tap.active) take(data as Buffer, 0, (data as Buffer).length, isBinary);
    });
    socket.on('unexpected-response', (_request, response) => {
      const answer = { status: response.statusCode ?? 0, date: response.headers.date, now_ms: this.#ports.wall_ms() };
      let body = '';
      refusal = refusalOfUpgrade({ ...answer, body });
      const end = (): void => socket.terminate();
      const patience = setTimeout(end, REFUSAL_BODY_MS);
      socket.once('close', () => clearTimeout(patience));
      response.on('data', (bytes: Buffer) => {
        body += bytes.toString('utf8');
        refusal = refusalOfUpgrade({ ...answer, body });
        if (body.length > REFUSAL_BODY_MAX_CHARS) end();
      });
      response.once('end', end);
      response.once('error', end);
    });
    socket.on('error', (error) => {
      refusal ??= refusalOf(error);
    });
    socket.on('close', (code, reason) => {
      if (recording === undefined) {
        const why = refusal ?? refusalOf(new Error(`closed with code ${code} before it was open`));
        return this.#tell({ type: 'refused', session_id, refusal: why });
      }
      if (recording !== this.#recording) return;
      recording.tellFresh();
      const why = refusal?.exception_msg ?? reason.toString('utf8');
      this.#tell({ type: 'closed', session_id, code, reason: why, heard: this.#heard() });
    });
  }

  #startRecording(session_id: string): Recording {
    const { recorder_id, bounds, now, onBlock } = this.#ports;
    const onOversize = (oversize: Oversize): void => {
      const { frame_no, recv_ts, bytes } = oversize;
      const isMarker = frame_no === 0;
      const reason = isMarker ? 'marker_oversize' : 'frame_oversize';
      this.#ports.log('ws_frame_dropped', { session_id, reason, frames: isMarker ? 0 : 1, bytes });
      // A marker about a marker that is too large would be too large itself.
      if (isMarker) return;
      this.#ports.onFrameLost();
      this.#tell({ type: 'oversize', session_id, frame_no, recv_ts });
    };
    const cutter = new Cutter({ recorder_id, session_id }, bounds, { now, onBlock, onOversize });
    this.#lastPing_ts = 0;
    this.#recording = new Recording(session_id, cutter, (input) => this.#tell(input));
    return this.#recording;
  }

  #endSession(reason: CutReason): void {
    const recording = this.#recording;
    if (recording === undefined) return;
    recording.cutter.cut(reason);
    this.#framesBefore += recording.cutter.frames;
    this.#lastData = recording.lastData ?? this.#lastData;
    this.#recording = undefined;
  }
}
