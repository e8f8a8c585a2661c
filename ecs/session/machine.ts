import type { Channel } from '../../core/contract/streamer-env.ts';
import type { SequenceBreak } from '../../core/kalshi/sequence.ts';
import { newSessionId } from '../../core/tape/session-id.ts';
import { lose, stop } from './ending.ts';
import {
  openDroppedHole,
  openLastSequenceHole,
  openOversizeHole,
  openReconnectHole,
  openSequenceHole,
} from './holes.ts';
import { dropProbes, onData, onReply, onSnapshots, onTime } from './live.ts';
import { reconnectWait, waiting } from './reconnect.ts';
import type { Before, Heard, Live, Refusal, SessionInput, SessionState, Step, StepContext } from './state.ts';
import { aboutSession, subscribe, type Turn } from './turn.ts';

/**
 * One connection's life, pure: idle → connecting → live → (closing) → waiting → connecting … → stopped.
 * Inputs of a connection that is not the current one change nothing.
 */
export function step(state: SessionState, input: SessionInput, context: StepContext): Step {
  if (input.type === 'stop') return stop(state, input.heard, context);
  if ('session_id' in input && input.session_id !== sessionOf(state)) return { state, effects: [] };
  switch (state.name) {
    case 'idle':
      return input.type === 'start' ? connect(state.before, 1, context) : { state, effects: [] };
    case 'waiting':
      return input.type === 'tick' && context.now >= state.until_us
        ? connect(state.before, state.attempt, context)
        : { state, effects: [] };
    case 'connecting':
      return whileConnecting(state, input, context);
    case 'live':
      return whileLive(state, input, context);
    case 'closing':
      return whileClosing(state, input, context);
    case 'stopped':
      return { state, effects: [] };
  }
}

export function sessionOf(state: SessionState): string | undefined {
  switch (state.name) {
    case 'connecting':
    case 'live':
      return state.session_id;
    case 'closing':
      return state.live.session_id;
    case 'idle':
    case 'waiting':
    case 'stopped':
      return undefined;
  }
}

function connect(before: Before | undefined, attempt: number, context: StepContext): Step {
  const { now, plan, random } = context;
  const session_id = newSessionId(Math.floor(now / 1_000), random());
  const fields = { session_id, connection: plan.connection, attempt, url: plan.url };
  return {
    state: { name: 'connecting', session_id, attempt, since_us: now, before },
    effects: [
      { type: 'log', event: 'ws_connecting', fields },
      { type: 'connect', session_id },
    ],
  };
}

type Connecting = Extract<SessionState, { name: 'connecting' }>;

function whileConnecting(state: Connecting, input: SessionInput, context: StepContext): Step {
  if (input.type === 'opened') return open(state, context);
  if (input.type === 'refused') return refuse(state, input.refusal, context);
  if (input.type === 'closed') return refuse(state, closedEarly(input.reason), context);
  if (input.type === 'tick' && context.now - state.since_us > context.plan.connectTimeout_us) {
    const { state: next, effects } = refuse(state, NO_ANSWER, context);
    return { state: next, effects: [{ type: 'terminate' }, ...effects] };
  }
  return { state, effects: [] };
}

const NO_ANSWER: Refusal = {
  kind: 'other',
  category: 'timeout',
  failure_class: 'timeout',
  exception_type: 'ConnectTimeout',
  exception_msg: 'the exchange did not answer the upgrade request in time',
  http_status: undefined,
  clock_offset_sec: undefined,
};

function closedEarly(reason: string): Refusal {
  const exception_msg = `the connection was closed before it was open: ${reason}`;
  return { ...NO_ANSWER, category: 'network', failure_class: 'network', exception_type: 'ClosedEarly', exception_msg };
}

function open(state: Connecting, context: StepContext): Step {
  const { now, plan } = context;
  const previous_run = state.before?.previous_run ?? 'unknown';
  const live: Live = {
    name: 'live',
    session_id: state.session_id,
    attempt: state.attempt,
    opened_us: now,
    previous_run,
    nextId: 1,
    nextGap: 1,
    nextOrder: 1,
    dataSeen: false,
    pending: [],
    subscriptions: [],
    holes: [],
    lastProbe_us: 0,
  };
  const turn: Turn = { live, effects: [], context };
  turn.effects.push({ type: 'mark', marker: { type: 'session_opened', ...aboutSession(live, context) } });
  turn.effects.push({
    type: 'log',
    event: 'ws_connected',
    fields: {
      session_id: state.session_id,
      connection: plan.connection,
      attempt: state.attempt,
      duration_ms: Math.round((now - state.since_us) / 1_000),
    },
  });
  if (state.before !== undefined && state.before.last_ts > 0) openReconnectHole(turn, state.before);
  for (const channel of plan.channels) subscribe(turn, channel);
  return { state: turn.live, effects: turn.effects };
}

function refuse(state: Connecting, refusal: Refusal, context: StepContext): Step {
  const { plan } = context;
  const backoff_ms = reconnectWait(state.attempt, refusal.kind !== 'other', context);
  const event = refusal.kind === 'auth' ? 'ws_auth_refused' : 'ws_error';
  const { category, failure_class, exception_type, exception_msg, http_status, clock_offset_sec } = refusal;
  const what = { category, failure_class, exception_type, exception_msg, http_status, clock_offset_sec };
  const fields = {
    session_id: state.session_id,
    connection: plan.connection,
    attempt: state.attempt,
    backoff_ms,
    ...what,
  };
  return {
    state: waiting(backoff_ms, state.attempt + 1, state.before, context),
    effects: [{ type: 'log', event, fields }],
  };
}

function whileLive(state: Live, input: Exclude<SessionInput, { type: 'stop' }>, context: StepContext): Step {
  const turn: Turn = { live: state, effects: [], context };
  switch (input.type) {
    case 'data':
      dropProbes(turn);
      onData(turn, input.channel, input.sid);
      break;
    case 'snapshots':
      dropProbes(turn);
      onSnapshots(turn, input.sid, input.markets, input.last_ts);
      break;
    case 'reply':
      dropProbes(turn);
      onReply(turn, input.message, input.whole);
      break;
    case 'break':
      if (input.sequence.kind === 'gap') openSequenceHole(turn, input.channel, input.sequence, input.before_ts);
      else tellRepeat(turn, input.channel, input.sequence);
      break;
    case 'oversize':
      openOversizeHole(turn, input.frame_no, input.recv_ts);
      break;
    case 'recovered':
      for (const dropped of input.dropped) openDroppedHole(turn, dropped);
      break;
    case 'closed':
      return lose(turn, { cause: 'disconnect', code: input.code, reason: input.reason, heard: input.heard });
    case 'tick':
      return tick(turn, input.heard);
    case 'start':
    case 'opened':
    case 'refused':
      break;
  }
  return { state: turn.live, effects: turn.effects };
}

function tellRepeat(turn: Turn, channel: Channel | undefined, { sid, expected, got }: SequenceBreak): void {
  const { session_id } = turn.live;
  const { connection } = turn.context.plan;
  const fields = { session_id, connection, channel: channel ?? '', sid, expected_seq: expected, got_seq: got };
  turn.effects.push({ type: 'log', event: 'ws_seq_repeated', fields });
}

function tick(turn: Turn, heard: Heard): Step {
  const { now, plan } = turn.context;
  if (now - Math.max(heard.inbound_ts, turn.live.opened_us) > plan.deadSocket_us) {
    turn.effects.push({ type: 'terminate' });
    const reason = 'no byte from the exchange, not even its ping';
    return lose(turn, { cause: 'dead_socket', code: 1006, reason, heard });
  }
  if (heard.data_ts > turn.live.lastProbe_us) dropProbes(turn);
  const cause = onTime(turn, heard.data_ts);
  if (cause === undefined) return { state: turn.live, effects: turn.effects };
  return {
    state: { name: 'closing', live: turn.live, cause, since_us: now },
    effects: [...turn.effects, { type: 'close' }],
  };
}

type Closing = Extract<SessionState, { name: 'closing' }>;

function whileClosing(state: Closing, input: SessionInput, context: StepContext): Step {
  const turn: Turn = { live: state.live, effects: [], context };
  if (input.type === 'closed') {
    const { code, reason, heard } = input;
    return lose(turn, { cause: state.cause, code, reason, heard });
  }
  if (input.type === 'tick' && context.now - state.since_us > context.plan.closeTimeout_us) {
    turn.effects.push({ type: 'terminate' });
    const reason = 'the exchange did not answer the close';
    return lose(turn, { cause: state.cause, code: 1006, reason, heard: input.heard });
  }
  if (input.type === 'oversize') openOversizeHole(turn, input.frame_no, input.recv_ts);
  if (input.type === 'break' && input.sequence.kind === 'gap') {
    openLastSequenceHole(turn, input.channel, input.sequence, input.before_ts);
  }
  return { state: { ...state, live: turn.live }, effects: turn.effects };
}
