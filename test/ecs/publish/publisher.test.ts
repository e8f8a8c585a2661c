import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PUT_RECORDS_MAX_BYTES, PUT_RECORDS_MAX_RECORDS } from '../../../core/contract/limits.ts';
import type { EventLog } from '../../../core/logging/event-log.ts';
import { type BlockHeader, decodeBlock, type EncodedBlock } from '../../../core/tape/block.ts';
import type { RecordFailure, RecordStream, StreamRecord } from '../../../ecs/publish/kinesis.ts';
import { type BlockStore, Publisher, type PublisherBounds } from '../../../ecs/publish/publisher.ts';
import type { SpooledBlock } from '../../../ecs/publish/spool.ts';
import { blockOf, SUBSCRIBED } from '../blocks.ts';
import { settled, VirtualTime } from '../virtual-time.ts';

type Answer = 'ok' | 'refuse' | 'throw' | 'hang' | readonly number[];

/** Answers as told; `lists` are the places in the request that fail. */
class ScriptedStream implements RecordStream {
  readonly requests: (readonly number[])[] = [];
  readonly taken: number[] = [];
  readonly sizes: { readonly records: number; readonly bytes: number }[] = [];
  script: Answer[] = [];
  otherwise: Answer = 'ok';
  closed = false;

  async put(records: readonly StreamRecord[]): Promise<readonly RecordFailure[]> {
    const numbers = records.map(({ data }) => firstOf(Buffer.from(data)));
    const bytes = records.reduce((sum, { data, partitionKey }) => sum + data.length + partitionKey.length, 0);
    this.requests.push(numbers);
    this.sizes.push({ records: records.length, bytes });
    const answer = this.script.shift() ?? this.otherwise;
    if (answer === 'hang') return await new Promise(() => undefined);
    if (answer === 'throw') throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    const failing = answer === 'ok' ? [] : answer === 'refuse' ? numbers.map((_, index) => index) : answer;
    this.taken.push(...numbers.filter((_, index) => !failing.includes(index)));
    return failing
      .filter((index) => index < numbers.length)
      .map((index) => ({ index, code: 'ProvisionedThroughputExceededException', message: '' }));
  }

  close(): void {
    this.closed = true;
  }
}

/** A spool in memory; `room` blocks fit, markers always do. */
class MemorySpool implements BlockStore {
  readonly kept: SpooledBlock[] = [];
  room = 1e9;
  hangs = false;
  /** Writes wait for it. */
  gate: Promise<unknown> = Promise.resolve();
  #next = 1;

  get blocks(): number {
    return this.kept.length;
  }
  get frames(): number {
    return this.kept.reduce((sum, { block }) => sum + block.header.count, 0);
  }
  get oldestTs(): number | undefined {
    return this.kept[0]?.block.header.first_recv_ts;
  }
  async append(block: EncodedBlock): Promise<boolean> {
    await this.gate;
    if (this.hangs) return await new Promise(() => undefined);
    if (block.header.count > 0 && this.kept.length >= this.room) return false;
    this.kept.push({ number: this.#next++, block });
    return true;
  }
  async oldest(maxBlocks: number): Promise<readonly SpooledBlock[]> {
    return await Promise.resolve(this.kept.slice(0, maxBlocks));
  }
  async remove(number: number): Promise<void> {
    this.kept.splice(
      this.kept.findIndex((kept) => kept.number === number),
      1,
    );
    await Promise.resolve();
  }
}

function publishing(bounds: Partial<PublisherBounds> = {}) {
  const time = new VirtualTime();
  const stream = new ScriptedStream();
  const spool = new MemorySpool();
  const events: { readonly event: string; readonly fields: Record<string, unknown> }[] = [];
  const safe: number[] = [];
  const dropped: BlockHeader[] = [];
  let recovered = 0;
  const log: EventLog = (event, fields) => events.push({ event, fields: { ...fields } });
  const publisher = new Publisher(
    { queueMaxBytes: 1_048_576, timeoutMs: 1_000, attempts: 3, ...bounds },
    {
      stream,
      spool,
      log,
      now: time.now,
      random: () => 0.5,
      sleep: time.sleep,
      onSafe: ({ first_frame_no }) => safe.push(first_frame_no),
      onDropped: (header) => dropped.push(header),
      onRecovered: () => recovered++,
    },
  );
  publisher.start();
  const offer = (...firsts: number[]): void => firsts.forEach((first) => publisher.offer(blockOf({ first })));
  const logged = (name: string) => events.filter(({ event }) => event === name).map(({ fields }) => fields);
  return { time, stream, spool, publisher, offer, logged, safe, dropped, recovered: () => recovered };
}

function firstOf(record: Buffer): number {
  const decoded = decodeBlock(record);
  if (!decoded.ok) throw new Error(decoded.fault);
  return decoded.block.header.first_frame_no;
}

describe('blocks are published', () => {
  test('in order, in one request where they wait together, and are safe then', async () => {
    const { stream, offer, safe, publisher, time } = publishing();
    offer(1, 2, 3);
    await time.pass(0);
    expect(stream.requests).toEqual([[1, 2, 3]]);
    expect(safe).toEqual([1, 2, 3]);
    expect(publisher).toMatchObject({ framesAcknowledged: 3, framesWaiting: 0, oldestTs: undefined });
  });

  test('and told: each at DEBUG, their sums at once, then at most every half minute, and the rest at the end', async () => {
    const { offer, time, publisher, logged } = publishing();
    for (let first = 1; first <= 70; first++) {
      offer(first);
      await time.pass(1_000);
    }
    expect(logged('block_published')).toHaveLength(70);
    expect(logged('block_published')[3]).toMatchObject({ rows: 1, attempt: 1, session_id: expect.any(String) });
    expect(logged('publish_ok').map(({ blocks, rows, span_sec }) => [blocks, rows, span_sec])).toEqual([
      [1, 1, 0],
      [30, 30, 30],
      [30, 30, 30],
    ]);
    const closed = publisher.close(1_000);
    await time.pass(5_000);
    await closed;
    const sums = logged('publish_ok').map(({ rows }) => Number(rows));
    expect(sums.reduce((sum, rows) => sum + rows, 0)).toBe(publisher.framesAcknowledged);
  });

  test('only those again that failed', async () => {
    const { stream, offer, safe, time } = publishing();
    stream.script = [[0, 2], [1]];
    offer(1, 2, 3, 4);
    await time.pass(10_000);
    expect(stream.requests).toEqual([[1, 2, 3, 4], [1, 3], [3]]);
    expect(safe).toEqual([2, 4, 1, 3]);
  });

  test.each(['throw', 'hang'] as const)(
    'all of them again where a request %ss, for nobody knows what was taken',
    async (answer) => {
      const { stream, offer, safe, time, logged } = publishing();
      stream.script = [answer];
      offer(1, 2);
      await time.pass(10_000);
      expect(stream.requests).toEqual([
        [1, 2],
        [1, 2],
      ]);
      expect(safe).toEqual([1, 2]);
      expect(logged('publish_retry')).toMatchObject([
        { category: answer === 'hang' ? 'timeout' : 'network', blocks: 2 },
      ]);
    },
  );

  test('within what one request may hold, by number and by bytes', async () => {
    const { stream, publisher, time } = publishing({ queueMaxBytes: 32 * 1_048_576 });
    for (let first = 1; first <= 1_200; first++) publisher.offer(blockOf({ first }));
    for (let first = 1_201; first <= 1_260; first++) publisher.offer(blockOf({ first, bytes: 200_000 }));
    await time.pass(0);
    expect(stream.taken).toEqual(Array.from({ length: 1_260 }, (_, index) => index + 1));
    for (const { records, bytes } of stream.sizes) {
      expect(records).toBeLessThanOrEqual(PUT_RECORDS_MAX_RECORDS);
      expect(bytes).toBeLessThanOrEqual(PUT_RECORDS_MAX_BYTES);
    }
    expect(stream.sizes.length).toBeLessThanOrEqual(2 + 4);
  });
});

describe('a Kinesis that stays away', () => {
  test('sends blocks to the spool, in order, and what comes meanwhile behind them', async () => {
    const { stream, spool, offer, time, logged, publisher, safe } = publishing();
    stream.otherwise = 'throw';
    offer(1, 2);
    await time.pass(20_000);
    expect(logged('publish_failed')).toMatchObject([{ blocks: 2, attempts: 3 }]);
    offer(3);
    await time.pass(1_000);
    expect(spool.kept.map(({ block }) => block.header.first_frame_no)).toEqual([1, 2, 3]);
    expect(safe).toEqual([1, 2, 3]);
    expect(publisher).toMatchObject({ framesAcknowledged: 0, framesWaiting: 3, oldestTs: 1_000 });
  });

  test('is asked with one block, not fast, and when it answers live blocks go first and the spool drains in order', async () => {
    const { stream, spool, offer, time, logged } = publishing();
    stream.otherwise = 'throw';
    offer(1, 2, 3, 4);
    await time.pass(10_000);
    const probes = stream.requests.length;
    await time.pass(60_000);
    expect(stream.requests.length - probes).toBeLessThan(30);
    expect(stream.requests.slice(probes).every((numbers) => numbers.length === 1 && numbers[0] === 1)).toBe(true);
    expect(logged('publish_failed')).toHaveLength(1);
    stream.otherwise = 'ok';
    await time.pass(6_000);
    expect(stream.taken).toEqual([1, 2, 3, 4]);
    expect(spool.kept).toEqual([]);
    expect(logged('publish_recovered')).toHaveLength(1);
    expect(logged('spool_drained')).toMatchObject([{ blocks: 4 }]);
  });

  test('and comes back does not let a long spool starve live blocks', async () => {
    const { stream, spool, publisher, time, offer } = publishing();
    for (let first = 1; first <= 300; first++) spool.kept.push({ number: -first, block: blockOf({ first }) });
    let live = 1_000;
    const put = stream.put.bind(stream);
    stream.put = async (records) => {
      if (live < 1_030) offer(++live);
      return await put(records);
    };
    publisher.offer(blockOf({ first: 1_000 }));
    await settled();
    const firstLive = stream.requests.findIndex((numbers) => numbers.includes(1_001));
    expect(firstLive).toBeLessThanOrEqual(2);
    for (const numbers of stream.requests) expect(numbers.length).toBeLessThanOrEqual(50);
    await time.pass(0);
    expect(stream.taken.filter((first) => first < 1_000)).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
  });

  test('without a spool keeps blocks in memory up to its bound and drops the newest, and tells when it keeps again', async () => {
    const size = blockOf({ first: 1 }).record.length;
    const { stream, spool, offer, time, dropped, recovered, publisher } = publishing({ queueMaxBytes: 4.5 * size });
    spool.room = 0;
    stream.otherwise = 'throw';
    offer(1, 2, 3, 4, 5, 6);
    await time.pass(20_000);
    offer(7);
    await time.pass(1_000);
    expect(dropped.map(({ first_frame_no }) => first_frame_no)).toEqual([5, 6, 7]);
    expect(publisher.framesWaiting).toBe(4);
    expect(recovered()).toBe(0);
    stream.otherwise = 'ok';
    await time.pass(20_000);
    expect(stream.taken).toEqual([1, 2, 3, 4]);
    expect(recovered()).toBe(1);
  });

  test('that is only too slow for the blocks that come makes it drop and tell, too', async () => {
    const size = blockOf({ first: 1 }).record.length;
    const { stream, spool, offer, time, dropped, recovered } = publishing({ queueMaxBytes: 2.5 * size });
    spool.room = 0;
    stream.script = ['hang'];
    offer(1, 2, 3);
    await time.pass(100);
    expect(dropped.map(({ first_frame_no }) => first_frame_no)).toEqual([3]);
    await time.pass(5_000);
    expect(stream.taken).toEqual([1, 2]);
    expect(recovered()).toBe(1);
  });

  test('does not take the markers of a dropped block with it', async () => {
    const block = blockOf({ first: 9, frames: 3, marker: SUBSCRIBED });
    const { stream, spool, publisher, time, dropped } = publishing({ queueMaxBytes: block.record.length });
    spool.room = 0;
    stream.otherwise = 'hang';
    publisher.offer(block);
    publisher.offer(block);
    await time.pass(0);
    expect(dropped).toMatchObject([{ first_frame_no: 9, count: 3 }]);
    expect(spool.kept.map(({ block }) => block.header)).toMatchObject([{ count: 0, markers: 1, first_frame_no: 9 }]);
  });

  test('and a disk that hangs cannot fill the memory', async () => {
    const size = blockOf({ first: 1 }).record.length;
    const { spool, offer, time, dropped, publisher, stream } = publishing({ queueMaxBytes: 3.5 * size });
    spool.hangs = true;
    stream.otherwise = 'throw';
    for (let first = 1; first <= 50; first++) offer(first);
    await time.pass(30_000);
    expect(publisher.framesWaiting).toBeLessThanOrEqual(2 * 3);
    expect(dropped.length).toBe(50 - publisher.framesWaiting);
  });
});

describe('a close', () => {
  test('waits for what is under way', async () => {
    const { stream, offer, time, publisher, spool } = publishing();
    stream.script = ['throw'];
    offer(1, 2);
    await settled();
    const closed = publisher.close(20_000);
    await time.pass(5_000);
    expect(await closed).toEqual({ framesLost: 0 });
    expect(stream).toMatchObject({ taken: [1, 2], closed: true });
    expect(spool.kept).toEqual([]);
  });

  test.each([0, 3_000])('spools what Kinesis does not take in time (hanging, after %i ms of it)', async (before) => {
    const { stream, offer, time, publisher, spool } = publishing({ timeoutMs: 60_000 });
    stream.otherwise = 'hang';
    offer(1, 2);
    await time.pass(before);
    offer(3);
    const closed = publisher.close(1_000);
    await time.pass(1_100);
    expect(await closed).toEqual({ framesLost: 0 });
    expect(spool.kept.map(({ block }) => block.header.first_frame_no)).toEqual([1, 2, 3]);
  });

  test('does not wait for a Kinesis that is away', async () => {
    const { stream, offer, time, publisher, spool } = publishing();
    stream.otherwise = 'throw';
    offer(1);
    await time.pass(20_000);
    offer(2);
    const from = time.now_us;
    const closed = publisher.close(20_000);
    await time.pass(50);
    expect(await closed).toEqual({ framesLost: 0 });
    expect(time.now_us - from).toBeLessThanOrEqual(50_000);
    expect(spool.kept).toHaveLength(2);
  });

  test.each([
    ['refuses', (spool: MemorySpool) => (spool.room = 0)],
    ['hangs', (spool: MemorySpool) => (spool.hangs = true)],
  ])('says how many frames are lost where the disk %s, too, and does not wait for ever', async (_, break_) => {
    const { stream, offer, time, publisher, spool } = publishing();
    break_(spool);
    stream.otherwise = 'hang';
    offer(1, 2);
    await settled();
    const closed = publisher.close(500);
    await time.pass(3_000);
    expect(await closed).toEqual({ framesLost: 2 });
  });

  test('keeps the markers where the frames are lost', async () => {
    const { stream, time, publisher, spool } = publishing();
    spool.room = 0;
    stream.otherwise = 'hang';
    publisher.offer(blockOf({ first: 4, frames: 2, marker: SUBSCRIBED }));
    const closed = publisher.close(500);
    await time.pass(3_000);
    expect(await closed).toEqual({ framesLost: 2 });
    expect(spool.kept.map(({ block }) => block.header)).toMatchObject([{ count: 0, markers: 1, first_frame_no: 4 }]);
  });

  test('counts all that is lost, also where the memory would not have held it', async () => {
    const size = blockOf({ first: 1 }).record.length;
    const { stream, offer, time, publisher, spool } = publishing({ queueMaxBytes: 2.5 * size });
    const gate = Promise.withResolvers<undefined>();
    spool.gate = gate.promise;
    spool.room = 0;
    stream.otherwise = 'throw';
    offer(1, 2);
    await time.pass(20_000);
    offer(3, 4);
    const closed = publisher.close(500);
    await settled();
    gate.resolve(undefined);
    await time.pass(3_000);
    expect(await closed).toEqual({ framesLost: 4 });
  });

  test('of a publisher that has nothing to do ends at once', async () => {
    const { publisher } = publishing();
    await settled();
    expect(await publisher.close(1_000)).toEqual({ framesLost: 0 });
  });
});

test('whatever Kinesis does, every block is acknowledged, on disk or told as dropped, and none is both dropped and kept', async () => {
  const answer = fc.oneof(
    fc.constantFrom<Answer>('ok', 'ok', 'refuse', 'throw', 'hang'),
    fc.uniqueArray(fc.nat(5), { maxLength: 4 }) as fc.Arbitrary<Answer>,
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(answer, { maxLength: 25 }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.nat(4_000)), { maxLength: 12 }),
      fc.nat(8),
      async (script, offers, room) => {
        const size = blockOf({ first: 1 }).record.length;
        const { stream, spool, publisher, time, dropped, offer } = publishing({ queueMaxBytes: 6 * size });
        spool.room = room;
        stream.script = script;
        let first = 0;
        for (const [blocks, wait] of offers) {
          for (let i = 0; i < blocks; i++) offer(++first);
          await time.pass(wait);
        }
        const closing = publisher.close(1_000);
        await time.pass(5_000);
        const { framesLost } = await closing;
        const kept = new Set([...stream.taken, ...spool.kept.map(({ block }) => block.header.first_frame_no)]);
        const lost = dropped.map(({ first_frame_no }) => first_frame_no);
        expect(kept.size + lost.length + framesLost).toBe(first);
        for (const number of lost) expect(kept.has(number)).toBe(false);
      },
    ),
    { numRuns: 60 },
  );
});
