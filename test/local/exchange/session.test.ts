import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Armed } from '../../../local/exchange/armed.ts';
import { type FaultInput, faultSchema } from '../../../local/exchange/faults.ts';
import type { OneShot } from '../../../local/exchange/armed.ts';
import { Session } from '../../../local/exchange/session.ts';
import { Venue } from '../../../local/exchange/venue.ts';
import { BookFold } from './book-fold.ts';
import { fakeConnection } from './fake-transport.ts';

const START_US = 1_795_460_400_000_000;
const TICKERS = ['KXA-1', 'KXB-2.5', 'KXC-3', 'KXD-4'];

function setUp(seed = 1, armed = new Armed(), slowConsumerBytes = 1_000) {
  const venue = new Venue({ seed, tickers: TICKERS, books: 'quoted', keepTruth: true, start_us: START_US });
  const { transport, connection } = fakeConnection(1, armed);
  const session = new Session(connection, venue, {
    signedIn: true,
    marketLimit: 1_000,
    failedChannelAborts: false,
    tickerOfId: (marketId) => venue.tickerOfId(marketId),
    slowConsumerBytes,
  });
  let at_us = START_US;
  const run = (count: number) => {
    for (let i = 0; i < count; i++) session.deliver(venue.next((at_us += 100))!);
  };
  const say = (command: object) => {
    const before = transport.frames.length;
    session.receive(JSON.stringify(command), undefined);
    return transport.frames.slice(before).map((raw) => JSON.parse(raw) as Frame);
  };
  return { venue, transport, connection, session, armed, run, say };
}

function arm(armed: Armed, fault: FaultInput): void {
  armed.arm(faultSchema.parse(fault) as OneShot);
}

const book = (tickers: string[], more = {}) => ({
  id: 1,
  cmd: 'subscribe',
  params: { channels: ['orderbook_delta'], market_tickers: tickers, ...more },
});

describe('a session', () => {
  it('counts every sequenced message of a sid by one, whatever is said and dropped', () => {
    const step = fc.oneof(
      fc.record({ run: fc.integer({ min: 1, max: 40 }) }),
      fc.record({ drop: fc.integer({ min: 1, max: 3 }) }),
      fc.record({
        say: fc.oneof(
          fc.record({
            id: fc.nat(9),
            cmd: fc.constant('subscribe'),
            params: fc.record({
              channels: fc.array(fc.constantFrom('orderbook_delta', 'trade', 'ticker', 'market_lifecycle_v2'), {
                minLength: 1,
                maxLength: 2,
              }),
              market_tickers: fc.subarray([...TICKERS, 'UNKNOWN-1'], { minLength: 1 }),
            }),
          }),
          fc.record({
            cmd: fc.constant('update_subscription'),
            params: fc.record({
              sid: fc.integer({ min: 1, max: 5 }),
              action: fc.constantFrom('add_markets', 'delete_markets', 'get_snapshot'),
              market_tickers: fc.subarray(TICKERS, { minLength: 1 }),
            }),
          }),
          fc.record({
            cmd: fc.constant('unsubscribe'),
            params: fc.record({ sids: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 2 }) }),
          }),
        ),
      }),
    );
    fc.assert(
      fc.property(fc.integer(), fc.array(step, { maxLength: 30 }), (seed, steps) => {
        const { transport, armed, run, say } = setUp(seed);
        for (const one of steps) {
          if ('run' in one) run(one.run);
          else if ('drop' in one) arm(armed, { kind: 'drop_frames', count: one.drop });
          else say(one.say);
        }
        const last = new Map<number, number>();
        let missing = 0;
        for (const raw of transport.frames) {
          expect(raw.endsWith('}\n')).toBe(true);
          const { sid, seq, type } = JSON.parse(raw) as Frame;
          if (type === 'subscribed' || type === 'ticker') expect(seq).toBeUndefined();
          if (sid === undefined || seq === undefined) continue;
          const hole = seq - (last.get(sid) ?? 0) - 1;
          expect(hole).toBeGreaterThanOrEqual(0);
          missing += hole;
          last.set(sid, seq);
        }
        expect(missing).toBeLessThanOrEqual(armed.droppedFrames);
        if (armed.droppedFrames === 0) expect(missing).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('sends deltas that fold from its snapshots to the truth, at every seq', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 300 }), (seed, head) => {
        const { venue, transport, run, say } = setUp(seed);
        run(head);
        say(book(TICKERS.slice(0, 2)));
        run(200);
        say({ cmd: 'update_subscription', params: { sid: 1, action: 'add_markets', market_tickers: TICKERS } });
        run(200);
        const client = new BookFold();
        transport.frames.forEach((raw, i) => {
          client.take(raw);
          const { seq } = JSON.parse(raw) as Frame;
          if (seq === undefined || i % 23 !== 0) return;
          for (const ticker of client.tickers()) {
            expect(client.levels(ticker)).toEqual(venue.truthAt(1, 1, seq, ticker));
          }
        });
        for (const ticker of TICKERS) expect(client.levels(ticker)).toEqual(venue.book(ticker)!.levels);
      }),
      { numRuns: 20 },
    );
  });

  it('sends only the markets and channels that are subscribed', () => {
    const { transport, run, say } = setUp();
    say(book(['KXB-2.5']));
    run(2_000);
    const frames = transport.frames.slice(2).map((raw) => JSON.parse(raw) as Frame);
    expect(frames.length).toBeGreaterThan(100);
    for (const { type, msg } of frames) {
      expect(type).toBe('orderbook_delta');
      expect(msg['market_ticker']).toBe('KXB-2.5');
    }
  });

  it('answers on the ticker channel without seq, and with tickers at once where asked', () => {
    const { say } = setUp();
    const subscribe = { id: 1, cmd: 'subscribe', params: { channels: ['ticker'], send_initial_snapshot: true } };
    expect(say(subscribe).map(({ type }) => type)).toEqual(['subscribed', 'ticker', 'ticker', 'ticker', 'ticker']);
    const [ok] = say({ id: 2, cmd: 'subscribe', params: { channels: ['ticker'], market_tickers: ['KXA-1'] } });
    expect(ok).toEqual({ type: 'ok', id: 2, sid: 1, msg: {} });
  });

  it('leaves the list out of the acknowledgement where asked', () => {
    const { say } = setUp();
    say(book(['KXA-1'], { skip_ticker_ack: true }));
    const [ok] = say({
      id: 5,
      cmd: 'update_subscription',
      params: { sid: 1, action: 'add_markets', market_tickers: ['KXC-3'] },
    });
    expect(ok).toEqual({ type: 'ok', id: 5, sid: 1, seq: 2, msg: {} });
  });

  it('gives an unknown ticker a snapshot without id, which uses up a seq', () => {
    const { say } = setUp();
    const frames = say(book(['NOBODY-1', 'KXA-1']));
    expect(frames[1]).toEqual({
      type: 'orderbook_snapshot',
      sid: 1,
      seq: 1,
      msg: { market_ticker: 'NOBODY-1', market_id: '' },
    });
    expect(frames[2]).toMatchObject({ seq: 2, msg: { market_ticker: 'KXA-1' } });
  });

  it('tells snapshots and deltas of the no side in yes prices where asked', () => {
    const { venue, transport, run, say } = setUp();
    const [, snapshot] = say(book(['KXA-1'], { use_yes_price: true }));
    const best = 10_000 - venue.book('KXA-1')!.levels.no.at(-1)![0];
    expect((snapshot!.msg['no_dollars_fp'] as string[][])[0]![0]).toBe((best / 10_000).toFixed(4));
    run(300);
    const no = transport.frames.map((raw) => JSON.parse(raw) as Frame).filter(({ msg }) => msg['side'] === 'no');
    expect(no.length).toBeGreaterThan(0);
    for (const { msg } of no)
      expect(Number(msg['price_dollars']) * 10_000).toBeGreaterThanOrEqual(venue.book('KXA-1')!.levels.yes[0]![0]);
  });

  it('answers an armed command error instead of carrying the command out', () => {
    const { session, transport } = setUp();
    session.receive(JSON.stringify(book(['KXA-1'])), 27);
    expect(transport.frames).toEqual(['{"type":"error","id":1,"msg":{"code":27,"msg":"Too many requests"}}\n']);
  });

  it('ends a subscription whose client is too slow with error 25, and goes on with a new one', () => {
    const { transport, run, say } = setUp();
    say(book(TICKERS));
    transport.bufferedBytes = 1_001;
    run(20);
    expect(transport.frames.at(-1)).toBe(
      '{"type":"error","sid":1,"seq":5,"msg":{"code":25,"msg":"Subscription buffer overflow"}}\n',
    );
    transport.bufferedBytes = 0;
    run(20);
    expect(transport.frames.at(-1)).toContain('"code":25');
    expect(say(book(['KXA-1']))[1]).toMatchObject({ type: 'orderbook_snapshot', sid: 2, seq: 1 });
  });

  it('fails a subscription on command, the oldest where none is named', () => {
    const { session, transport, say } = setUp();
    expect(session.fail(10, undefined)).toBe(false);
    say(book(['KXA-1']));
    say({ cmd: 'subscribe', params: { channels: ['ticker'] } });
    expect(session.fail(10, 7)).toBe(false);
    expect(session.fail(10, undefined)).toBe(true);
    expect(transport.frames.at(-1)).toBe('{"type":"error","sid":1,"seq":2,"msg":{"code":10,"msg":"Channel error"}}\n');
    expect(session.fail(25, 2)).toBe(true);
    expect(transport.frames.at(-1)).toBe(
      '{"type":"error","sid":2,"msg":{"code":25,"msg":"Subscription buffer overflow"}}\n',
    );
  });

  it('sends messages of the future in sequence', () => {
    const { session, transport, say } = setUp();
    expect(session.sendForeign('type')).toBe(false);
    say(book(['KXA-1']));
    expect(session.sendForeign('event_type')).toBe(false);
    expect(session.sendForeign('type')).toBe(true);
    expect(transport.frames.at(-1)).toMatch(/^\{"type":"market_halt_v3","sid":1,"seq":2,/);
    say({ cmd: 'subscribe', params: { channels: ['market_lifecycle_v2'] } });
    for (const what of ['type', 'event_type', 'price_level_structure'] as const) session.sendForeign(what);
    const told = transport.frames.slice(-3).map((raw) => JSON.parse(raw) as Frame);
    expect(told.map(({ sid, seq }) => [sid, seq])).toEqual([
      [2, 1],
      [2, 2],
      [2, 3],
    ]);
    expect(told[1]!.msg['event_type']).toBe('fractional_trading_updated');
    expect(told[2]!.msg['price_level_structure']).toBe('hexa_centi_cent');
  });

  it('adds a field nobody knows to one data frame', () => {
    const { armed, transport, run, say } = setUp();
    say(book(TICKERS));
    arm(armed, { kind: 'unknown_field' });
    run(30);
    const strange = transport.frames.filter((raw) => raw.includes('shard_hint'));
    expect(strange).toHaveLength(1);
    expect((JSON.parse(strange[0]!) as Frame).msg['shard_hint']).toBe(3);
  });
});

describe('a connection', () => {
  it('drops the frames a fault names, and no others', () => {
    const { armed, transport, run, say } = setUp();
    say(book(TICKERS));
    arm(armed, { kind: 'drop_frames', ticker: 'KXB-2.5', count: 2 });
    arm(armed, { kind: 'drop_frames', connection: 2 });
    arm(armed, { kind: 'drop_frames', sid: 9 });
    run(500);
    const seqs = transport.frames.slice(1).map((raw) => (JSON.parse(raw) as Frame).seq!);
    expect(seqs.at(-1)! - seqs.length).toBe(2);
    expect(armed.droppedFrames).toBe(2);
  });

  it('drops data only: what answers a command still comes', () => {
    const { armed, say } = setUp();
    arm(armed, { kind: 'drop_frames', count: 2 });
    expect(say(book(['KXA-1', 'KXB-2.5', 'KXC-3'])).map(({ type, seq }) => [type, seq])).toEqual([
      ['subscribed', undefined],
      ['orderbook_snapshot', 3],
    ]);
    arm(armed, { kind: 'drop_frames', count: 1 });
    expect(say(book(['KXA-1']))).toMatchObject([{ type: 'ok', seq: 4 }]);
  });

  it('uses up seqs while it is silent or half open, and then goes on', () => {
    const { connection, transport, run, say } = setUp();
    say(book(TICKERS));
    const seqNow = () => (JSON.parse(transport.frames.at(-1)!) as Frame).seq!;
    for (const silence of [() => connection.silence(false), () => connection.halfOpen()]) {
      run(50);
      const [frames, seq] = [transport.frames.length, seqNow()];
      silence();
      expect(say({ cmd: 'list_subscriptions' })).toEqual([]);
      run(50);
      expect(transport.frames).toHaveLength(frames);
      connection.heal();
      run(50);
      expect(seqNow()).toBeGreaterThan(seq + (transport.frames.length - frames));
    }
  });

  it('answers commands while it is silent where so told', () => {
    const { connection, transport, run, say } = setUp();
    say(book(TICKERS));
    connection.silence(true);
    const frames = transport.frames.length;
    run(50);
    expect(transport.frames).toHaveLength(frames);
    expect(say({ id: 3, cmd: 'list_subscriptions' })).toHaveLength(1);
    const fetch = {
      id: 4,
      cmd: 'update_subscription',
      params: { sid: 1, action: 'get_snapshot', market_tickers: ['KXA-1'] },
    };
    expect(say(fetch)).toMatchObject([{ type: 'orderbook_snapshot', id: 4 }]);
  });

  it('pings unless it is half open or told not to', () => {
    const { connection, transport } = setUp();
    connection.ping();
    connection.silence(false);
    connection.ping();
    expect(transport.pings).toEqual(['heartbeat', 'heartbeat']);
    connection.halfOpen();
    connection.ping();
    expect(transport.deaf).toBe(true);
    connection.heal();
    connection.stopPings();
    connection.ping();
    expect(transport.pings).toHaveLength(2);
    expect(transport.deaf).toBe(false);
  });

  it('is cut between two snapshots or within one, and what was not sent is not in the ledger', () => {
    for (const cut of ['between', 'inside'] as const) {
      const { armed, transport, connection, session } = setUp();
      arm(armed, { kind: 'cut_snapshot', after: 2, cut });
      session.receive(JSON.stringify(book(TICKERS)), undefined);
      expect(transport.frames).toHaveLength(3);
      expect(connection.ledger.record().raws).toEqual(transport.frames);
      if (cut === 'between') expect(transport.ended).toBe('terminate');
      else expect(transport.torn).toContain('KXC-3');
    }
  });

  it('writes down exactly what it sent', () => {
    const { connection, transport, run, say } = setUp();
    say(book(TICKERS));
    run(100);
    const record = connection.ledger.record();
    expect(record.raws).toEqual(transport.frames);
    expect(record.frames).toBe(transport.frames.length);
    expect(record.bytes).toBe(Buffer.byteLength(transport.frames.join('')));
  });
});

interface Frame {
  readonly type: string;
  readonly id?: number;
  readonly sid?: number;
  readonly seq?: number;
  readonly msg: Readonly<Record<string, unknown>>;
}
