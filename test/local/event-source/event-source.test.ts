import type { KinesisStreamEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import type { EventSourceSettings } from '../../../core/contract/event-source.ts';
import { EventSource } from '../../../local/event-source/event-source.ts';
import type { EventSourceEvent } from '../../../local/event-source/events.ts';
import type { InvokeOutcome } from '../../../local/lambda/invoke-outcome.ts';
import {
  failuresOf,
  FakeClock,
  FakeStream,
  MemoryCheckpoints,
  MemoryDestination,
  named,
  OK,
  SETTINGS,
  textsOf,
} from './fakes.ts';

type Answer = InvokeOutcome | ((event: KinesisStreamEvent, signal: AbortSignal) => Promise<InvokeOutcome>);
const ERROR = { kind: 'function_error', error: { errorType: 'Error', errorMessage: 'no' } } as const;
const never = new AbortController().signal;

/** An event source over fakes. `answers` are given in turn; when they are used up, every invocation succeeds. */
function world(settings: Partial<EventSourceSettings> = {}, ...answers: Answer[]) {
  const clock = new FakeClock();
  const stream = new FakeStream(clock, 'shard-0');
  const checkpoints = new MemoryCheckpoints();
  const failureDestination = new MemoryDestination();
  const invoked: string[][] = [];
  const events: EventSourceEvent[] = [];
  const start = () => {
    const source = new EventSource({
      stream,
      settings: { ...SETTINGS, ...settings },
      invoke: (event, signal) => {
        invoked.push(textsOf(event));
        const answer = answers.shift() ?? OK;
        return typeof answer === 'function' ? answer(event, signal) : Promise.resolve(answer);
      },
      checkpoints,
      failureDestination,
      onEvent: (event) => events.push(event),
      clock,
    });
    source.start();
    return source;
  };
  const kinds = () => events.map((event) => event.kind);
  return { clock, stream, checkpoints, failureDestination, invoked, events, kinds, start };
}

describe('an event source', () => {
  it('invokes in order, at most a batch at a time, and leaves the checkpoint behind the last record', async () => {
    const { clock, stream, start, invoked, checkpoints } = world();
    stream.put('shard-0', 'a', 'b', 'c', 'd', 'e');
    const source = start();
    await clock.until(source.drain(never));
    expect(invoked).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e'],
    ]);
    expect(checkpoints.stored.get('shard-0')).toEqual({ kind: 'after', sequenceNumber: '5' });
    expect(source.stats()).toMatchObject({ polled: 5, invoked: 5, batches: 2, failures: 0, retries: 0 });
  });

  it('counts invocations and how long they took together', async () => {
    const { clock, stream, start } = world({}, async () => {
      await clock.sleep(40, never);
      return OK;
    });
    stream.put('shard-0', 'a', 'b', 'c', 'd');
    const source = start();
    await clock.until(source.drain(never));
    expect(source.stats()).toMatchObject({ invocations: 2, invocationMs: 40 });
  });

  it('retries the identical batch, without records that came meanwhile', async () => {
    const { clock, stream, start, invoked } = world(
      {},
      () => {
        stream.put('shard-0', 'newer');
        return Promise.resolve(ERROR);
      },
      { kind: 'timeout' },
    );
    stream.put('shard-0', 'a', 'b');
    const source = start();
    await clock.until(source.drain(never));
    expect(invoked).toEqual([['a', 'b'], ['a', 'b'], ['a', 'b'], ['newer']]);
    expect(source.stats()).toMatchObject({ invoked: 7, batches: 2, failures: 2, retries: 2 });
  });

  it('retries only the remainder after a partial failure, also not joined with newer records', async () => {
    const { clock, stream, start, invoked, checkpoints } = world({}, () => {
      stream.put('shard-0', 'newer');
      expect(checkpoints.stored.size).toBe(0);
      return Promise.resolve(failuresOf('2'));
    });
    stream.put('shard-0', 'a', 'b', 'c');
    await clock.until(start().drain(never));
    expect(invoked).toEqual([['a', 'b', 'c'], ['b', 'c'], ['newer']]);
  });

  it('puts a poison batch into the failure destination and goes on behind it', async () => {
    const { clock, stream, start, invoked, failureDestination, checkpoints } = world({}, ERROR, ERROR, ERROR);
    stream.put('shard-0', 'p', 'q', 'r', 'good');
    const source = start();
    await clock.until(source.drain(never));
    expect(invoked.map((batch) => batch.join(''))).toEqual(['pqr', 'pqr', 'pqr', 'good']);
    expect(failureDestination.texts()).toEqual([['p', 'q', 'r']]);
    expect(failureDestination.batches[0]).toMatchObject({
      condition: 'RetryAttemptsExhausted',
      batch: { invocations: 3 },
    });
    expect(checkpoints.stored.get('shard-0')).toEqual({ kind: 'after', sequenceNumber: '4' });
    expect(source.stats()).toMatchObject({ sentToDestination: 3, failures: 3, retries: 2 });
  });

  it('moves no checkpoint past a discarded batch until the destination has it', async () => {
    const { clock, stream, start, failureDestination, checkpoints, kinds } = world({ maximumRetryAttempts: 0 }, ERROR);
    failureDestination.faults.push(new Error('disk full'), new Error('disk full'));
    stream.put('shard-0', 'p');
    const source = start();
    await clock.pass(1);
    expect(kinds()).toContain('destination_failed');
    expect(checkpoints.stored.size).toBe(0);
    await clock.until(source.drain(never));
    expect(failureDestination.texts()).toEqual([['p']]);
    expect(checkpoints.stored.get('shard-0')).toEqual({ kind: 'after', sequenceNumber: '1' });
  });

  it('waits through throttles without using up retries', async () => {
    const throttled: Answer = { kind: 'throttled' };
    const { clock, stream, start, invoked, failureDestination } = world({}, ...Array<Answer>(9).fill(throttled));
    stream.put('shard-0', 'a');
    const source = start();
    await clock.until(source.drain(never));
    expect(invoked).toHaveLength(10);
    expect(failureDestination.batches).toEqual([]);
    expect(source.stats()).toMatchObject({ throttles: 9, failures: 0, retries: 0, invoked: 1 });
  });

  it('gives up records that become too old while the function is throttled', async () => {
    const throttled = Array<Answer>(500).fill({ kind: 'throttled' });
    const { clock, stream, start, failureDestination } = world({ maximumRecordAge_sec: 60 }, ...throttled);
    stream.put('shard-0', 'a');
    await clock.until(start().drain(never));
    expect(failureDestination.batches[0]?.condition).toBe('RecordAgeExceeded');
  });

  it('bisects down to the poison record', async () => {
    const poisonous = async (event: KinesisStreamEvent) => Promise.resolve(textsOf(event).includes('bad') ? ERROR : OK);
    const { clock, stream, start, failureDestination, invoked } = world(
      { batchSize: 8, maximumRetryAttempts: 1, bisectBatchOnFunctionError: true },
      ...Array<Answer>(50).fill(poisonous),
    );
    stream.put('shard-0', '1', '2', '3', '4', '5', 'bad', '7', '8');
    await clock.until(start().drain(never));
    expect(failureDestination.texts()).toEqual([['bad']]);
    expect(invoked.map((batch) => batch.join(' '))).toEqual([
      ...['1 2 3 4 5 bad 7 8', '1 2 3 4', '5 bad 7 8', '5 bad', '5', 'bad', 'bad', '7 8'],
    ]);
  });

  it('takes an answer it does not understand for success, and says so', async () => {
    const { clock, stream, start, events, invoked } = world({}, { kind: 'response', payload: { failed: true } });
    stream.put('shard-0', 'a');
    const source = start();
    await clock.until(source.drain(never));
    expect(invoked).toHaveLength(1);
    expect(source.stats().responsesNotUnderstood).toBe(1);
    expect(events).toContainEqual({
      kind: 'response_not_understood',
      shardId: 'shard-0',
      records: 1,
      payload: { failed: true },
    });
  });

  it('goes on behind its checkpoint after a restart', async () => {
    const { clock, stream, start, invoked } = world();
    stream.put('shard-0', 'a', 'b');
    const first = start();
    await clock.until(first.drain(never));
    await clock.until(first.stop());
    stream.put('shard-0', 'c');
    await clock.until(start().drain(never));
    expect(invoked).toEqual([['a', 'b'], ['c']]);
  });

  it('lets the invocation under way finish when stopped, and its answer counts', async () => {
    const answer = Promise.withResolvers<InvokeOutcome>();
    const { clock, stream, start, checkpoints, invoked } = world({}, () => answer.promise);
    stream.put('shard-0', 'a', 'b', 'c', 'd');
    const source = start();
    await clock.pass(1);
    const stopped = source.stop();
    answer.resolve(OK);
    await clock.until(stopped);
    expect(invoked).toEqual([['a', 'b', 'c']]);
    expect(checkpoints.stored.get('shard-0')).toEqual({ kind: 'after', sequenceNumber: '3' });
  });

  it('gives up an invocation that does not finish, and delivers its batch again at the next start', async () => {
    const hangs: Answer = (_event, signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(OK), { once: true }));
    const { clock, stream, start, checkpoints, invoked } = world({}, hangs);
    stream.put('shard-0', 'a');
    const source = start();
    await clock.pass(1);
    await clock.until(source.stop());
    expect(checkpoints.stored.size).toBe(0);
    await clock.until(start().drain(never));
    expect(invoked).toEqual([['a'], ['a']]);
  });

  it('waits for its window to fill a batch, but not while draining', async () => {
    const { clock, stream, start, invoked } = world({ maximumBatchingWindow_sec: 10 });
    stream.put('shard-0', 'a');
    const source = start();
    await clock.pass(9_000);
    expect(invoked).toEqual([]);
    stream.put('shard-0', 'b');
    await clock.pass(1_500);
    expect(invoked).toEqual([['a', 'b']]);
    stream.put('shard-0', 'c');
    const before = clock.time;
    await clock.until(source.drain(never));
    expect(clock.time - before).toBeLessThan(1_000);
    expect(invoked).toEqual([['a', 'b'], ['c']]);
  });

  it('keeps for the next batch what did not fit into this one', async () => {
    const { clock, stream, start, invoked } = world({ maximumBatchingWindow_sec: 10 });
    stream.put('shard-0', 'a', 'b');
    start();
    await clock.pass(1_000);
    stream.put('shard-0', 'c', 'd', 'e');
    await clock.pass(1_000);
    expect(invoked).toEqual([['a', 'b', 'c']]);
    await clock.pass(11_000);
    expect(invoked).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e'],
    ]);
  });

  it('drains what was put before the call, even if a poll that could not see it is still under way', async () => {
    const { clock, stream, start, invoked } = world();
    const held = Promise.withResolvers<undefined>();
    stream.holdPage = held.promise;
    const source = start();
    await clock.pass(1);
    stream.put('shard-0', 'a');
    const drained = source.drain(never);
    held.resolve(undefined);
    await clock.until(drained);
    expect(invoked).toEqual([['a']]);
  });

  it('keeps polling while a drain cannot end, until the drain is given up', async () => {
    const { clock, stream, start } = world({ maximumRetryAttempts: 10_000 }, ...Array<Answer>(500).fill(ERROR));
    stream.put('shard-0', 'a');
    const source = start();
    const giveUp = new AbortController();
    const drained = source.drain(giveUp.signal);
    drained.catch(() => undefined);
    await clock.pass(60_000);
    giveUp.abort(named('GivenUp'));
    await expect(clock.until(drained)).rejects.toMatchObject({ name: 'GivenUp' });
    const again = source.drain(never);
    again.catch(() => undefined);
    await clock.until(source.stop());
    await expect(again).rejects.toThrow('the event source was stopped');
  });

  it('renews an expired iterator where it was', async () => {
    const { clock, stream, start, invoked, kinds } = world();
    stream.put('shard-0', 'a');
    const source = start();
    await clock.until(source.drain(never));
    stream.put('shard-0', 'b');
    stream.faults.push({ operation: 'records', error: named('ExpiredIteratorException') });
    await clock.until(source.drain(never));
    expect(invoked).toEqual([['a'], ['b']]);
    expect(kinds()).toContain('iterator_renewed');
  });

  it('survives a stream that does not answer', async () => {
    const { clock, stream, start, invoked } = world();
    stream.put('shard-0', 'a');
    for (const operation of ['listShards', 'describe', 'iterator', 'records']) {
      stream.faults.push({ operation, error: named('ECONNREFUSED') });
    }
    const source = start();
    await clock.pass(5_000);
    await clock.until(source.drain(never));
    expect(invoked).toEqual([['a']]);
    expect(source.stats().pollFailures).toBe(4);
  });

  it('reads a stream from its start when the checkpoint is not one of this stream', async () => {
    const { clock, stream, start, invoked, checkpoints, kinds } = world({ startingPosition: 'LATEST' });
    checkpoints.stored.set('shard-0', { kind: 'after', sequenceNumber: '777' });
    stream.put('shard-0', 'a');
    await clock.until(start().drain(never));
    expect(kinds()).toContain('checkpoint_refused');
    expect(invoked).toEqual([['a']]);
  });

  it('drains a closed shard before its children, and those from their start even at LATEST', async () => {
    const { clock, stream, start, invoked, checkpoints } = world({ startingPosition: 'LATEST' });
    const source = start();
    await clock.pass(1);
    stream.put('shard-0', 'p1', 'p2', 'p3', 'p4');
    stream.close('shard-0');
    stream.addShard('shard-1', 'shard-0');
    stream.addShard('shard-2', 'shard-0');
    stream.put('shard-1', 'left');
    stream.put('shard-2', 'right');
    const before = clock.time;
    await clock.until(source.drain(never));
    expect(clock.time - before, 'children are not left to the next listing').toBeLessThan(5_000);
    expect(invoked.slice(0, 2)).toEqual([['p1', 'p2', 'p3'], ['p4']]);
    expect(invoked.slice(2).flat().sort()).toEqual(['left', 'right']);
    expect(checkpoints.stored.get('shard-0')).toEqual({ kind: 'shard_end' });
  });

  it('measures the iterator age when the invocation has finished, whatever came of it', async () => {
    const { clock, stream, start } = world(
      {},
      () => {
        clock.time += 7_000;
        return Promise.resolve(ERROR);
      },
      () => new Promise(() => undefined),
    );
    stream.put('shard-0', 'a');
    const source = start();
    expect(source.stats().iteratorAgeMs).toBeNull();
    await clock.pass(1);
    expect(source.stats().iteratorAgeMs).toBe(7_000);
  });
});
