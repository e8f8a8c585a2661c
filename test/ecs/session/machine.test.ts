import { describe, expect, test } from 'vitest';
import type { Before } from '../../../ecs/session/state.ts';
import { Drive, NO_ROUTE, PLAN, REFUSED_KEY, SECOND } from './drive.ts';

const BEFORE: Before = { previous_run: 'crashed', session_id: 'earlier', last_ts: 5, cause: 'recorder_crashed' };

describe('a connection', () => {
  test('subscribes to each channel by itself, with its markets and an explicit use_yes_price', () => {
    const drive = Drive.live({ channels: ['orderbook_delta', 'ticker', 'market_lifecycle_v2'], use_yes_price: true });
    expect(drive.commands.map(({ cmd }) => cmd)).toEqual(['subscribe', 'subscribe', 'subscribe']);
    expect(drive.commands).toMatchObject([
      { id: 1, params: { channels: ['orderbook_delta'], market_tickers: ['A', 'B'], use_yes_price: true } },
      { id: 2, params: { channels: ['ticker'], market_tickers: ['A', 'B'], send_initial_snapshot: true } },
      { id: 3, params: { channels: ['market_lifecycle_v2'] } },
    ]);
    expect(drive.commands[2]).not.toHaveProperty('params.market_tickers');
  });

  test('that is refused is tried again under a new session, with the same hole to close', () => {
    const drive = new Drive({}, BEFORE);
    drive.tell({ type: 'start' });
    const first = drive.session_id;
    drive.tell({ type: 'refused', session_id: first, refusal: NO_ROUTE });
    expect(drive.logged('ws_error')).toHaveLength(1);
    drive.passUntil('connecting');
    expect(drive.session_id).not.toBe(first);
    drive.open();
    expect(drive.marked('gap_opened')).toMatchObject([
      { cause: 'recorder_crashed', from_ts: 5, previous_session_id: 'earlier' },
    ]);
  });

  test('that gets no answer to its upgrade is given up after its bound', () => {
    const drive = new Drive();
    drive.tell({ type: 'start' });
    drive.pass(15 * SECOND);
    expect(drive.state.name).toBe('connecting');
    drive.pass(SECOND);
    expect(drive.state.name).toBe('waiting');
    expect(drive.effects.map(({ type }) => type)).toContain('terminate');
  });

  test.each([REFUSED_KEY, { ...REFUSED_KEY, kind: 'throttled', http_status: 429 } as const])(
    'refused with $http_status waits at least RECONNECT_REFUSED_MS, however often',
    (refusal) => {
      const drive = new Drive();
      drive.tell({ type: 'start' });
      for (let attempt = 1; attempt <= 12; attempt++) {
        const at = drive.now;
        drive.tell({ type: 'refused', session_id: drive.session_id, refusal });
        drive.passUntil('connecting');
        expect(drive.now - at).toBeGreaterThanOrEqual(PLAN.backoffRefused_ms * 1_000);
        expect(drive.now - at).toBeLessThanOrEqual(21 * PLAN.backoffRefused_ms * 1_000);
      }
    },
  );

  test('that dies without data waits longer each time, and from the start again after data', () => {
    const drive = Drive.live();
    const waits: number[] = [];
    const die = (): void => {
      drive.closed();
      waits.push(drive.logged('ws_disconnected').at(-1)!['backoff_ms'] as number);
      drive.passUntil('connecting');
      drive.open();
    };
    for (let i = 0; i < 8; i++) {
      drive.subscribed('orderbook_delta', 1, 1);
      die();
    }
    expect(waits[7]).toBeGreaterThanOrEqual(15_000);
    expect(waits[7]).toBeLessThanOrEqual(30_000);
    drive.data('orderbook_delta', 1);
    die();
    expect(waits[8]).toBeLessThanOrEqual(500);
  });

  test('lives through a quiet day on pings alone, with a probe now and then that is answered', () => {
    const drive = Drive.settled();
    for (let probes = 0; drive.now < (1_800_000_000 + 86_400) * SECOND;) {
      drive.pass(SECOND);
      if (drive.commands.length === probes) continue;
      probes = drive.commands.length;
      drive.snapshots(1, ['A']);
    }
    expect(drive.state.name).toBe('live');
    expect(drive.markers).toEqual([]);
    expect(drive.commands.length).toBeGreaterThan(600);
    expect(new Set(drive.commands.map(({ cmd }) => cmd))).toEqual(new Set(['update_subscription']));
  });

  test('without a byte is dead at the bound and not before, and its hole starts at the last ping', () => {
    const drive = Drive.settled();
    drive.pass(10 * SECOND);
    const ping = drive.heard.inbound_ts;
    drive.pass(22 * SECOND, { pings: false });
    expect(drive.state.name).toBe('live');
    drive.pass(SECOND, { pings: false });
    expect(drive.state).toMatchObject({ name: 'waiting', before: { cause: 'dead_socket', last_ts: ping } });
    expect(drive.effects[0]).toEqual({ type: 'terminate' });
    expect(drive.effects.findIndex(({ type }) => type === 'end_session')).toBeGreaterThan(0);
  });

  test('that was lost before it heard anything still hands on a hole without a break in time', () => {
    const drive = Drive.settled();
    drive.closed();
    drive.passUntil('connecting');
    drive.open();
    const opened = drive.now;
    drive.closed();
    const [first] = drive.marked('gap_closed');
    expect(first).toMatchObject({ repair: 'session_end', to_ts: opened });
    drive.passUntil('connecting');
    drive.open();
    expect(drive.marked('gap_opened').at(-1)).toMatchObject({ cause: 'disconnect', from_ts: opened });
  });

  test('closes its reconnect hole when every channel is confirmed and every book is fresh', () => {
    const drive = Drive.live({}, BEFORE);
    drive.subscribed('orderbook_delta', 1, 1);
    drive.snapshots(1, ['A']);
    drive.subscribed('trade', 2, 2);
    expect(drive.marked('gap_closed')).toEqual([]);
    drive.snapshots(1, ['B']);
    expect(drive.marked('gap_closed')).toMatchObject([{ repair: 'reconnect', to_ts: drive.now }]);
    expect(drive.logged('ws_resubscribed')).toHaveLength(1);
  });
});

describe('a sequence gap', () => {
  test('in the books: unsubscribe, subscribe when that is confirmed, closed by the snapshots of the new sid', () => {
    const drive = Drive.settled();
    drive.gap('orderbook_delta', 1, drive.now);
    const from_ts = drive.marked('gap_opened')[0]!.from_ts;
    expect(drive.marked('gap_opened')).toMatchObject([{ cause: 'sequence', sid: 1, missing: 1, markets: ['A', 'B'] }]);
    expect(drive.commands).toMatchObject([{ id: 3, cmd: 'unsubscribe', params: { sids: [1] } }]);
    drive.snapshots(1, ['A', 'B']);
    drive.reply({ type: 'unsubscribed', id: 3, sid: 1, seq: 9 });
    expect(drive.commands[1]).toMatchObject({ id: 4, cmd: 'subscribe', params: { channels: ['orderbook_delta'] } });
    drive.subscribed('orderbook_delta', 3, 4);
    expect(drive.marked('gap_closed')).toEqual([]);
    drive.snapshots(3, ['A', 'B']);
    expect(drive.marked('gap_closed')).toMatchObject([{ from_ts, to_ts: drive.now, repair: 'resubscribe' }]);
  });

  test('is repaired also where the exchange does not know the subscription any more (error 7)', () => {
    const drive = Drive.settled();
    drive.gap('orderbook_delta', 1);
    drive.error(7, { id: 3 });
    expect(drive.commands.at(-1)).toMatchObject({ id: 4, cmd: 'subscribe' });
    drive.subscribed('orderbook_delta', 3, 4);
    drive.snapshots(3, ['A', 'B']);
    expect(drive.marked('gap_closed')).toHaveLength(1);
  });

  test('is repaired by asking for snapshots where the subscribe was merged into a living one', () => {
    const drive = Drive.settled();
    drive.gap('orderbook_delta', 1);
    drive.error(27, { id: 3 });
    drive.reply({ type: 'ok', id: 4, sid: 1, seq: 12 });
    expect(drive.commands.at(-1)).toMatchObject({
      cmd: 'update_subscription',
      params: { sids: [1], action: 'get_snapshot', market_tickers: ['A', 'B'] },
    });
    expect(drive.marked('gap_closed')).toEqual([]);
    drive.snapshots(1, ['A', 'B']);
    expect(drive.marked('gap_closed')).toHaveLength(1);
  });

  test('while a repair is under way opens a hole of its own, and one repair closes both', () => {
    const drive = Drive.settled();
    drive.gap('orderbook_delta', 1);
    drive.gap('orderbook_delta', 1);
    expect(drive.commands).toHaveLength(1);
    drive.reply({ type: 'unsubscribed', id: 3, sid: 1 });
    drive.subscribed('orderbook_delta', 3, 4);
    drive.snapshots(3, ['A', 'B']);
    expect(drive.marked('gap_closed').map(({ gap_id }) => gap_id)).toEqual(
      drive.marked('gap_opened').map(({ gap_id }) => gap_id),
    );
  });

  test('among the snapshots of a repair is not closed by those snapshots', () => {
    const drive = Drive.settled();
    drive.gap('orderbook_delta', 1);
    drive.reply({ type: 'unsubscribed', id: 3, sid: 1 });
    drive.subscribed('orderbook_delta', 3, 4);
    drive.snapshots(3, ['A']);
    drive.gap('orderbook_delta', 3);
    drive.snapshots(3, ['B']);
    expect(drive.marked('gap_closed')).toMatchObject([{ sid: 1 }]);
    expect(drive.commands.at(-1)).toMatchObject({ cmd: 'unsubscribe', params: { sids: [3] } });
  });

  test('is not closed by the old subscription when the clock stands still', () => {
    const drive = Drive.settled();
    drive.gap('orderbook_delta', 1);
    drive.tell({ type: 'snapshots', session_id: drive.session_id, sid: 1, markets: ['A', 'B'], last_ts: drive.now });
    expect(drive.marked('gap_closed')).toEqual([]);
  });

  test('in the trades is opened and closed at once, with what is missing', () => {
    const drive = Drive.settled();
    drive.gap('trade', 2, drive.now, 3);
    expect(drive.markers).toMatchObject([
      { type: 'gap_opened', channel: 'trade', missing: 3 },
      { type: 'gap_closed', channel: 'trade', missing: 3, repair: 'none', to_ts: drive.now },
    ]);
    expect(drive.commands).toEqual([]);
  });

  test('at the first frame of a subscription starts no earlier than the connection', () => {
    const drive = Drive.settled();
    drive.gap('trade', 2, 0);
    expect(drive.marked('gap_opened')[0]!.from_ts).toBe(1_800_000_000 * SECOND);
  });
});

describe('an error of the exchange', () => {
  test.each([
    [25, 'exchange_overflow'],
    [10, 'channel_error'],
    [4242, 'channel_error'],
  ])('%i on a sid: its hole starts with its last frame and closes with fresh books', (code, cause) => {
    const drive = Drive.settled();
    const whole = drive.now - 100;
    drive.error(code, { sid: 1 }, new Map([[1, whole]]));
    expect(drive.marked('gap_opened')).toMatchObject([{ cause, channel: 'orderbook_delta', sid: 1, from_ts: whole }]);
    drive.error(7, { id: 3 });
    drive.subscribed('orderbook_delta', 3, 4);
    drive.snapshots(3, ['A', 'B']);
    expect(drive.marked('gap_closed')).toMatchObject([{ cause, repair: 'resubscribe' }]);
  });

  test.each([25, 10])('%i without a sid: every subscription is suspect and made anew', (code) => {
    const drive = Drive.settled();
    drive.error(code);
    expect(drive.marked('gap_opened').map(({ channel }) => channel)).toEqual(['orderbook_delta', 'trade']);
    expect(drive.commands).toMatchObject([
      { cmd: 'unsubscribe', params: { sids: [1] } },
      { cmd: 'unsubscribe', params: { sids: [2] } },
    ]);
    drive.reply({ type: 'unsubscribed', id: 3, sid: 1 });
    drive.reply({ type: 'unsubscribed', id: 4, sid: 2 });
    drive.subscribed('orderbook_delta', 3, 5);
    drive.subscribed('trade', 4, 6);
    drive.snapshots(3, ['A', 'B']);
    expect(
      drive
        .marked('gap_closed')
        .map(({ channel }) => channel)
        .sort(),
    ).toEqual(['orderbook_delta', 'trade']);
  });

  test('that refuses a channel leaves a hole of that channel open, and the channel is asked for again', () => {
    const drive = Drive.live({}, BEFORE);
    drive.subscribed('orderbook_delta', 1, 1);
    drive.error(26, { id: 2 });
    drive.snapshots(1, ['A', 'B']);
    expect(drive.marked('gap_closed')).toMatchObject([{ cause: 'recorder_crashed' }]);
    expect(drive.marked('gap_opened').at(-1)).toMatchObject({ cause: 'channel_error', channel: 'trade', from_ts: 5 });
    drive.pass(59 * SECOND);
    expect(drive.commands).toHaveLength(2);
    drive.pass(2 * SECOND);
    expect(drive.commands.at(-1)).toMatchObject({ id: 3, cmd: 'subscribe', params: { channels: ['trade'] } });
    drive.subscribed('trade', 2, 3);
    expect(drive.marked('gap_closed').at(-1)).toMatchObject({ channel: 'trade', repair: 'resubscribe' });
  });

  test('that refuses the books in a repair keeps the hole open', () => {
    const drive = Drive.settled();
    drive.gap('orderbook_delta', 1);
    drive.reply({ type: 'unsubscribed', id: 3, sid: 1 });
    drive.error(26, { id: 4 });
    expect(drive.marked('gap_opened')).toHaveLength(1);
    expect(drive.marked('gap_closed')).toEqual([]);
    drive.pass(61 * SECOND);
    drive.subscribed('orderbook_delta', 3, 5);
    drive.snapshots(3, ['A', 'B']);
    expect(drive.marked('gap_closed')).toHaveLength(1);
  });
});

describe('a subscription that comes in the place of one that was to end', () => {
  test('ends the wait for the unsubscribe, and its snapshots close the hole', () => {
    const drive = Drive.settled();
    drive.error(25, { sid: 1 });
    expect(drive.commands).toMatchObject([{ id: 3, cmd: 'unsubscribe', params: { sids: [1] } }]);
    drive.subscribed('orderbook_delta', 3, 9);
    drive.snapshots(3, ['A', 'B']);
    expect(drive.marked('gap_closed')).toMatchObject([{ cause: 'exchange_overflow', repair: 'resubscribe' }]);
    drive.pass(60 * SECOND);
    expect(drive.state.name).toBe('live');
    drive.reply({ type: 'unsubscribed', id: 3, sid: 1 });
    expect(drive.commands).toHaveLength(1);
  });

  test('is not the old one, confirmed once more: that one is still to end', () => {
    const drive = Drive.settled();
    drive.gap('orderbook_delta', 1);
    drive.subscribed('orderbook_delta', 1, 1);
    drive.error(7, { id: 3 });
    expect(drive.commands.at(-1)).toMatchObject({ id: 4, cmd: 'subscribe', params: { channels: ['orderbook_delta'] } });
  });

  test('of another channel ends no wait', () => {
    const drive = Drive.settled();
    drive.gap('orderbook_delta', 1);
    drive.subscribed('trade', 5, 9);
    drive.pass(11 * SECOND);
    expect(drive.state).toMatchObject({ name: 'closing', cause: 'no_reply' });
  });
});

describe('an answer that does not come', () => {
  test('to a subscribe: it is sent twice more, then the connection is given up', () => {
    const drive = Drive.live({ channels: ['trade'] });
    drive.pass(29 * SECOND);
    expect(drive.commands).toHaveLength(3);
    drive.pass(2 * SECOND);
    expect(drive.state).toMatchObject({ name: 'closing', cause: 'no_reply' });
  });

  test('to an unsubscribe: the connection is given up', () => {
    const drive = Drive.settled();
    drive.gap('orderbook_delta', 1);
    drive.pass(11 * SECOND);
    expect(drive.state).toMatchObject({ name: 'closing', cause: 'no_reply' });
  });

  test('to the close: the socket is ended', () => {
    const drive = Drive.settled();
    drive.gap('orderbook_delta', 1);
    drive.passUntil('closing');
    drive.passUntil('waiting');
    const types = drive.effects.map(({ type }) => type);
    expect(types.indexOf('close')).toBeLessThan(types.indexOf('terminate'));
    expect(drive.marked('session_closed')).toMatchObject([{ reason: 'no_reply' }]);
  });

  test('of a snapshot that is owed: it is asked for by name, ever more rarely, and never given up', () => {
    const drive = Drive.live({ channels: ['orderbook_delta'] }, BEFORE);
    drive.subscribed('orderbook_delta', 1, 1);
    drive.snapshots(1, ['A']);
    for (let minutes = 0; minutes < 180; minutes++) {
      drive.pass(60 * SECOND, { every_us: 5 * SECOND });
      drive.heard = { ...drive.heard, data_ts: drive.now };
    }
    const asked = drive.commands.filter((command) => command.cmd === 'update_subscription');
    expect(new Set(asked.flatMap(({ params }) => params.market_tickers))).toEqual(new Set(['B']));
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.length).toBeLessThan(40);
    drive.snapshots(1, ['B']);
    expect(drive.marked('gap_closed')).toHaveLength(1);
  });

  test('more snapshots are owed than one request may name: the next is sent as soon as the last is answered', () => {
    const markets = Array.from({ length: 2_500 }, (_, index) => `M${index}`);
    const drive = Drive.live({ channels: ['orderbook_delta'], markets }, BEFORE);
    drive.subscribed('orderbook_delta', 1, 1);
    drive.pass(11 * SECOND);
    for (let requests = 0; requests < 3; requests++) {
      const last = drive.commands.at(-1)!;
      if (last.cmd === 'update_subscription') drive.snapshots(1, last.params.market_tickers);
    }
    expect(drive.marked('gap_closed')).toHaveLength(1);
  });
});

describe('data silence', () => {
  test.each([
    ['data', (drive: Drive) => drive.frame(true)],
    ['a reply', (drive: Drive) => drive.error(11)],
  ])('is asked about, and %s is answer enough', (_, answer) => {
    const drive = Drive.settled();
    drive.pass(121 * SECOND);
    expect(drive.logged('ws_data_silence')).toHaveLength(1);
    expect(drive.commands).toMatchObject([{ params: { action: 'get_snapshot', market_tickers: ['A'] } }]);
    answer(drive);
    drive.pass(60 * SECOND);
    expect(drive.state.name).toBe('live');
  });

  test('without an answer ends the connection, and the hole starts with the last frame, not with the last ping', () => {
    const drive = Drive.settled();
    const { frame_ts } = drive.heard;
    drive.passUntil('closing');
    expect(drive.heard.inbound_ts).toBeGreaterThan(frame_ts);
    drive.closed();
    expect(drive.state).toMatchObject({ name: 'waiting', before: { cause: 'data_silence', last_ts: frame_ts } });
  });

  test('from the very first moment is found, too', () => {
    const drive = Drive.live({ channels: ['orderbook_delta'] });
    drive.subscribed('orderbook_delta', 1, 1);
    drive.passUntil('closing');
    expect(drive.state).toMatchObject({ cause: 'data_silence' });
  });

  test('of a connection without books is asked about with a list of subscriptions', () => {
    const drive = Drive.settled({ channels: ['trade'], markets: [] });
    drive.pass(121 * SECOND);
    expect(drive.commands).toMatchObject([{ cmd: 'list_subscriptions' }]);
    drive.reply({ type: 'ok', id: drive.commands[0]!.id, msg: [] });
    drive.pass(60 * SECOND);
    expect(drive.state.name).toBe('live');
  });
});

describe('what we could not keep', () => {
  const DROPPED = { session_id: 'old', first_frame_no: 5, last_frame_no: 9, from_ts: 77 };

  test('is a hole with its frames, repaired with fresh books', () => {
    const drive = Drive.settled();
    drive.dropped(DROPPED, { ...DROPPED, session_id: drive.session_id, first_frame_no: 3, last_frame_no: 2 });
    expect(drive.marked('gap_opened')).toMatchObject([
      { cause: 'spool_full', previous_session_id: 'old', first_frame_no: 5, last_frame_no: 9, missing: 5, from_ts: 77 },
      { cause: 'spool_full', previous_session_id: '', first_frame_no: 0, last_frame_no: 0, missing: 0 },
    ]);
    expect(drive.commands).toMatchObject([{ cmd: 'unsubscribe' }]);
    drive.reply({ type: 'unsubscribed', id: 3, sid: 1 });
    drive.subscribed('orderbook_delta', 3, 4);
    drive.snapshots(3, ['A', 'B']);
    expect(drive.marked('gap_closed')).toHaveLength(2);
  });

  test('while the books are being subscribed is not taken as repaired', () => {
    const drive = Drive.live();
    drive.dropped(DROPPED);
    expect(drive.marked('gap_closed')).toEqual([]);
    drive.subscribed('orderbook_delta', 1, 1);
    drive.snapshots(1, ['A', 'B']);
    expect(drive.marked('gap_closed')).toMatchObject([{ cause: 'spool_full' }]);
  });

  test('because it was too large is a hole at once', () => {
    const drive = Drive.settled();
    drive.tell({ type: 'oversize', session_id: drive.session_id, frame_no: 8, recv_ts: drive.now });
    expect(drive.markers).toMatchObject([
      { type: 'gap_opened', cause: 'frame_oversize', first_frame_no: 8, last_frame_no: 8, missing: 1 },
      { type: 'gap_closed', cause: 'frame_oversize' },
    ]);
  });
});

test('a number that comes again is told, and is no hole', () => {
  const drive = Drive.settled();
  const sequence = { kind: 'repeat', sid: 1, expected: 9, got: 4 } as const;
  drive.tell({ type: 'break', session_id: drive.session_id, sequence, before_ts: 5, channel: 'orderbook_delta' });
  expect(drive.markers).toEqual([]);
  expect(drive.logged('ws_seq_repeated')).toMatchObject([{ sid: 1, expected_seq: 9, got_seq: 4 }]);
});

describe('a stop', () => {
  test('before a connection changes nothing', () => {
    const drive = new Drive();
    drive.stop();
    drive.tell({ type: 'start' });
    expect(drive.state.name).toBe('stopped');
    expect(drive.effects).toEqual([]);
  });

  test('while connecting ends the socket', () => {
    const drive = new Drive();
    drive.tell({ type: 'start' });
    drive.effects.length = 0;
    drive.stop();
    expect(drive.effects).toEqual([{ type: 'terminate' }]);
  });

  test('while waiting connects no more', () => {
    const drive = Drive.settled();
    drive.closed();
    drive.stop();
    drive.effects.length = 0;
    drive.pass(60 * SECOND);
    expect(drive.effects).toEqual([]);
  });

  test('of a live connection closes its holes, then the session, then cuts, then the socket', () => {
    const drive = Drive.settled();
    drive.gap('orderbook_delta', 1);
    drive.effects.length = 0;
    drive.stop();
    expect(drive.effects.map((effect) => (effect.type === 'mark' ? effect.marker.type : effect.type))).toEqual([
      'gap_closed',
      'session_closed',
      'end_session',
      'close',
      'log',
    ]);
    expect(drive.effects[2]).toEqual({ type: 'end_session', reason: 'shutdown' });
  });

  test('while silence is in doubt claims what may be missing', () => {
    const drive = Drive.settled();
    const { frame_ts } = drive.heard;
    drive.pass(121 * SECOND);
    drive.stop();
    const hole = { cause: 'data_silence', from_ts: frame_ts };
    expect(drive.marked('gap_opened')).toMatchObject([hole]);
    expect(drive.marked('gap_closed')).toMatchObject([{ ...hole, to_ts: drive.now }]);
  });

  test('of a connection that is being given up claims it, too', () => {
    const drive = Drive.settled();
    drive.passUntil('closing');
    drive.stop();
    expect(drive.marked('gap_opened')).toMatchObject([{ cause: 'data_silence' }]);
    expect(drive.marked('session_closed')).toMatchObject([{ reason: 'shutdown' }]);
  });
});
