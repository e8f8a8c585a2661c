import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SessionInput } from '../../../ecs/session/state.ts';
import { Drive, NO_ROUTE, REFUSED_KEY, SECOND } from './drive.ts';

type Act = (drive: Drive, session_id: string) => void;

const heard = { inbound_ts: 0, frame_ts: 0, data_ts: 0 };
const sid = fc.integer({ min: 1, max: 4 });
const id = fc.integer({ min: 0, max: 12 });
const channel = fc.constantFrom('orderbook_delta' as const, 'trade' as const);
const markets = fc.subarray(['A', 'B', 'C']);

/** Inputs of a socket: of the current one or of one that is gone. */
const ofSocket = fc.oneof(
  fc.constant({ type: 'opened' as const }),
  fc.constantFrom(NO_ROUTE, REFUSED_KEY).map((refusal) => ({ type: 'refused' as const, refusal })),
  fc.constant({ type: 'closed' as const, code: 1006, reason: '', heard }),
  fc.record({ type: fc.constant('data' as const), channel, sid }),
  fc.record({ type: fc.constant('snapshots' as const), sid, markets, last_ts: fc.integer({ min: 1, max: 2e15 }) }),
  fc
    .record({ id, sid, channel })
    .map(({ id, sid, channel }) => reply({ type: 'subscribed', id, msg: { channel, sid } })),
  fc.record({ id, sid }).map(({ id, sid }) => reply({ type: 'unsubscribed', id, sid })),
  fc.record({ id, sid }).map(({ id, sid }) => reply({ type: 'ok', id, sid, seq: 2 })),
  fc
    .record({ id, sid: fc.option(sid, { nil: undefined }), code: fc.constantFrom(1, 7, 10, 14, 25, 26, 27, 99) })
    .map(({ id, sid, code }) => reply({ type: 'error', id, sid, msg: { code, msg: '' } })),
  fc
    .record({ sid, channel: fc.option(channel, { nil: undefined }), got: fc.integer({ min: 3, max: 9 }) })
    .map((gap) => ({
      type: 'break' as const,
      sequence: { kind: 'gap' as const, sid: gap.sid, expected: 2, got: gap.got },
      before_ts: 0,
      channel: gap.channel,
    })),
  fc.constant({ type: 'oversize' as const, frame_no: 3, recv_ts: 9 }),
);

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: ofSocket.map(
      (input): Act =>
        (drive, session_id) =>
          drive.tell({ ...input, session_id }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 1, max: 200 }).map(
      (s): Act =>
        (drive) =>
          drive.pass(s * SECOND, { every_us: 4 * SECOND }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.boolean().map(
      (pings): Act =>
        (drive) =>
          drive.passUntil('waiting', { pings }),
    ),
  },
  { weight: 2, arbitrary: fc.constant<Act>((drive) => drive.state.name === 'connecting' && drive.open()) },
  {
    weight: 1,
    arbitrary: fc.boolean().map(
      (isData): Act =>
        (drive) =>
          drive.frame(isData),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 0, max: 5 }).map(
      (frames): Act =>
        (drive) =>
          drive.dropped({ session_id: 'x', first_frame_no: 4, last_frame_no: 3 + frames, from_ts: 1 }),
    ),
  },
);

const story = fc.array(fc.tuple(act, fc.nat(3)), { maxLength: 60 });

function play(acts: readonly (readonly [Act, number])[]): Drive {
  const drive = new Drive(
    { markets: ['A', 'B', 'C'] },
    { previous_run: 'clean', session_id: 'p', last_ts: 1, cause: 'recorder_stopped' },
  );
  const sessions: string[] = [];
  drive.tell({ type: 'start' });
  for (const [one, back] of acts) {
    if (drive.state.name === 'waiting') drive.pass(SECOND);
    if (drive.state.name === 'connecting' || drive.state.name === 'live') sessions.unshift(drive.session_id);
    const known = [...new Set(sessions)];
    const isUsual = drive.state.name === 'live' || drive.state.name === 'connecting';
    one(drive, known[isUsual && back < 3 ? 0 : back] ?? 'nobody');
  }
  drive.stop();
  return drive;
}

test('whatever happens in whatever order, every session and every hole that was opened is closed once, in its session', () => {
  fc.assert(
    fc.property(story, (acts) => {
      let session: string | undefined;
      let open = new Set<string>();
      for (const effect of play(acts).effects) {
        if (effect.type === 'connect') session = effect.session_id;
        if (effect.type === 'end_session') expect(open).toEqual(new Set());
        if (effect.type !== 'mark') continue;
        const { marker } = effect;
        if (marker.type === 'session_opened') {
          expect(open).toEqual(new Set());
          open = new Set(['session']);
        }
        if (marker.type === 'session_closed') expect(open.delete('session')).toBe(true);
        if (marker.type === 'gap_opened') {
          expect(open.has('session')).toBe(true);
          expect(open.has(marker.gap_id)).toBe(false);
          open.add(marker.gap_id);
        }
        if (marker.type === 'gap_closed') {
          expect(marker.gap_id.startsWith(`${session}:`)).toBe(true);
          expect(open.delete(marker.gap_id)).toBe(true);
          expect(marker.to_ts).toBeGreaterThanOrEqual(marker.from_ts);
        }
      }
      expect(open).toEqual(new Set());
    }),
    { numRuns: 300 },
  );
});

test('holes between sessions leave no time out: each starts where the one before ended, or earlier', () => {
  fc.assert(
    fc.property(story, (acts) => {
      let ended: number | undefined;
      let last = 0;
      for (const effect of play(acts).effects) {
        if (effect.type !== 'mark') continue;
        const { marker } = effect;
        if (marker.type === 'gap_closed' && marker.repair === 'session_end') last = Math.max(last, marker.to_ts);
        if (marker.type === 'gap_opened' && ended !== undefined) {
          expect(marker.from_ts).toBeLessThanOrEqual(ended);
          ended = undefined;
        }
        if (marker.type === 'session_closed') ended = last === 0 ? undefined : last;
        if (marker.type === 'session_opened') last = 0;
      }
    }),
    { numRuns: 300 },
  );
});

test('an input of a session that is gone changes nothing', () => {
  fc.assert(
    fc.property(story, ofSocket, (acts, late) => {
      const drive = Drive.live();
      const gone = drive.session_id;
      drive.closed();
      for (const [one] of acts) one(drive, drive.state.name === 'live' ? drive.session_id : 'nobody');
      const before = drive.state;
      const count = drive.effects.length;
      drive.tell({ ...late, session_id: gone });
      expect(drive.state).toBe(before);
      expect(drive.effects).toHaveLength(count);
    }),
    { numRuns: 200 },
  );
});

function reply(message: Extract<SessionInput, { type: 'reply' }>['message']) {
  return { type: 'reply' as const, message, whole: new Map<number, number>() };
}
