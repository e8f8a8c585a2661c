import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { emptyHeader, scanHeader } from '../../../core/kalshi/header.ts';
import { type SequenceBreak, SequenceTracker } from '../../../core/kalshi/sequence.ts';
import { NOT_HERE, recordedSessions } from '../../fixtures/kalshi/recorded.ts';
import { wholeSession } from '../../fixtures/kalshi/session.ts';

/** As the recorder does: every frame is scanned and observed; a subscription that ended is forgotten. */
function breaksOf(frames: readonly string[]): SequenceBreak[] {
  const tracker = new SequenceTracker();
  const header = emptyHeader();
  const breaks: SequenceBreak[] = [];
  for (const frame of frames) {
    scanHeader(Buffer.from(frame), header);
    const found = tracker.observe(header.sid, header.seq);
    if (found !== undefined) breaks.push(found);
    if (header.type === 'unsubscribed') tracker.forget(header.sid);
  }
  return breaks;
}

function numbersOf(frame: string): { sid: number; seq: number } {
  const { sid = 0, seq = 0 } = JSON.parse(frame) as { sid?: number; seq?: number };
  return { sid, seq };
}

const missing = ({ got, expected }: SequenceBreak): number => got - expected;

describe('the sequence of a subscription', () => {
  test('is whole over a whole session, its acknowledgements counted', () => {
    expect(breaksOf(wholeSession())).toEqual([]);
  });

  test('is broken by one, once, for every frame that is taken out', () => {
    const frames = wholeSession(4);
    let found = 0;
    for (let out = 0; out < frames.length; out++) {
      const { sid, seq } = numbersOf(frames[out]!);
      const rest = frames.toSpliced(out, 1);
      const isSeen =
        seq > 0 && rest.slice(out).some((frame) => numbersOf(frame).sid === sid && numbersOf(frame).seq > 0);
      const expected = isSeen ? [{ kind: 'gap', sid, expected: seq, got: seq + 1 }] : [];
      expect(breaksOf(rest)).toEqual(expected);
      found += expected.length;
    }
    expect(found).toBeGreaterThan(30);
  });

  test('names what is due and what came', () => {
    const tracker = new SequenceTracker();
    tracker.observe(4, 1);
    expect(tracker.observe(4, 5)).toEqual({ kind: 'gap', sid: 4, expected: 2, got: 5 });
    expect(tracker.observe(4, 6)).toBeUndefined();
  });

  test('starts at 1: a first that is not 1 is a gap', () => {
    expect(new SequenceTracker().observe(1, 1)).toBeUndefined();
    expect(new SequenceTracker().observe(1, 3)).toEqual({ kind: 'gap', sid: 1, expected: 1, got: 3 });
  });

  test('is not broken by messages without a seq or without a sid', () => {
    const tracker = new SequenceTracker();
    tracker.observe(3, 1);
    expect(tracker.observe(3, 0)).toBeUndefined();
    expect(tracker.observe(0, 9)).toBeUndefined();
    expect(tracker.observe(3, 2)).toBeUndefined();
  });

  test('is told of a repeat and goes on from where it was', () => {
    const tracker = new SequenceTracker();
    for (const seq of [1, 2, 3]) tracker.observe(1, seq);
    expect(tracker.observe(1, 2)).toEqual({ kind: 'repeat', sid: 1, expected: 4, got: 2 });
    expect(tracker.observe(1, 4)).toBeUndefined();
  });

  test.each([1, 1_023, 1_024, 1_025, 279_597, Number.MAX_SAFE_INTEGER])(
    'is its own for sid %d, and is forgotten alone',
    (sid) => {
      const tracker = new SequenceTracker();
      for (const seq of [1, 2]) for (const other of [sid, 7]) expect(tracker.observe(other, seq)).toBeUndefined();
      tracker.forget(sid);
      expect(tracker.observe(sid, 1)).toBeUndefined();
      expect(tracker.observe(7, 3)).toBeUndefined();
      expect(tracker.observe(sid, 3)).toEqual({ kind: 'gap', sid, expected: 2, got: 3 });
    },
  );

  test('of a sid never seen can be forgotten', () => {
    const tracker = new SequenceTracker();
    for (const sid of [0, 5, 5_000]) tracker.forget(sid);
    expect(tracker.observe(5_000, 1)).toBeUndefined();
  });

  const sids = fc.constantFrom(1, 2, 1_023, 1_024, 9_999_999);

  test.prop([fc.array(sids, { maxLength: 200 }), fc.nat(199), fc.integer({ min: 1, max: 5 })])(
    'names exactly as many as are lost in a row, however subscriptions interleave',
    (order, from, lost) => {
      const seqs = new Map<number, number>();
      const messages = order.map((sid) => ({ sid, seq: seqs.set(sid, (seqs.get(sid) ?? 0) + 1).get(sid)! }));
      const kept = messages.toSpliced(from, lost);
      const gone = messages.slice(from, from + lost);
      const isSeen = ({ sid }: { sid: number }) => kept.slice(from).some((message) => message.sid === sid);

      const tracker = new SequenceTracker();
      const breaks = kept.map(({ sid, seq }) => tracker.observe(sid, seq)).filter((found) => found !== undefined);
      expect(breaks.every(({ kind }) => kind === 'gap')).toBe(true);
      expect(breaks.reduce((sum, found) => sum + missing(found), 0)).toBe(gone.filter(isSeen).length);
      expect(breaks.length).toBe(new Set(gone.filter(isSeen).map(({ sid }) => sid)).size);
    },
  );

  test('is whole over the recorded sessions, and every frame taken out of them is missed', ({ skip }) => {
    const sessions = recordedSessions();
    if (sessions.length === 0) skip(NOT_HERE);
    for (const { frames } of sessions) {
      expect(frames.length).toBeGreaterThan(1_000);
      expect(breaksOf(frames)).toEqual([]);
      for (const out of [2, 100, 777, frames.length - 2]) {
        expect(breaksOf(frames.toSpliced(out, 1)).map(missing)).toEqual([1]);
      }
    }
  });
});
