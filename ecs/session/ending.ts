import type { GapCause, MarkerOf } from '../../core/tape/marker.ts';
import { closeAllHoles, openDoubtfulHole } from './holes.ts';
import { reconnectWait, waiting } from './reconnect.ts';
import type { Before, Heard, Live, SessionEffect, SessionState, Step, StepContext } from './state.ts';
import { aboutSession, type Turn } from './turn.ts';

interface Loss {
  readonly cause: GapCause;
  readonly code: number;
  readonly reason: string;
  readonly heard: Heard;
}

/** The connection is gone: the session ends in-band, and the next one opens with the hole. */
export function lose(turn: Turn, { cause, code, reason, heard }: Loss): Step {
  const { context, live } = turn;
  const last_ts = wholeUntil(live, heard, isDoubtful(live, cause));
  endSession(turn, cause, code, last_ts, 'session_end');
  const attempt = live.dataSeen ? 1 : live.attempt + 1;
  const backoff_ms = reconnectWait(attempt, false, context);
  turn.effects.push({
    type: 'log',
    event: 'ws_disconnected',
    fields: {
      session_id: live.session_id,
      connection: context.plan.connection,
      cause,
      close_code: code,
      reason,
      frames: context.frames,
      backoff_ms,
    },
  });
  const before: Before = { previous_run: 'same', session_id: live.session_id, last_ts, cause };
  return { state: waiting(backoff_ms, attempt, before, context), effects: turn.effects };
}

/** A command or a request for a sign of life is without an answer: pings alone do not prove that data came. */
function isDoubtful({ pending }: Live, cause: GapCause): boolean {
  return cause === 'data_silence' || cause === 'no_reply' || pending.some(({ kind }) => kind === 'probe');
}

/** What the exchange sent before its last ping or frame has come, unless its word is in doubt: then before its last frame. */
function wholeUntil(live: Live, heard: Heard, doubtful: boolean): number {
  return Math.max(doubtful ? heard.frame_ts : Math.max(heard.frame_ts, heard.inbound_ts), live.opened_us);
}

function endSession(turn: Turn, reason: string, code: number, last_ts: number, cut: 'session_end' | 'shutdown'): void {
  closeAllHoles(turn, last_ts);
  const { live, context } = turn;
  const marker: MarkerOf<'session_closed'> = {
    type: 'session_closed',
    ...aboutSession(live, context),
    reason,
    code,
  };
  turn.effects.push({ type: 'mark', marker }, { type: 'end_session', reason: cut });
}

/** We are to end: what is open is told in-band, and the connection is closed. */
export function stop(state: SessionState, heard: Heard, context: StepContext): Step {
  const stopped: SessionState = { name: 'stopped' };
  const live = state.name === 'closing' ? state.live : state;
  if (live.name !== 'live') {
    const effects: SessionEffect[] = live.name === 'connecting' ? [{ type: 'terminate' }] : [];
    return { state: stopped, effects };
  }
  const turn: Turn = { live, effects: [], context };
  const cause = state.name === 'closing' ? state.cause : 'data_silence';
  if (state.name === 'closing' || isDoubtful(live, 'recorder_stopped')) {
    openDoubtfulHole(turn, cause, wholeUntil(live, heard, true));
  }
  endSession(turn, 'shutdown', 1000, context.now, 'shutdown');
  const fields = { session_id: live.session_id, connection: context.plan.connection, frames: context.frames };
  turn.effects.push({ type: 'close' }, { type: 'log', event: 'ws_closed', fields });
  return { state: stopped, effects: turn.effects };
}
