import { Armed } from './armed.ts';
import type { BookLevels } from './book.ts';
import { parseCommand } from './command.ts';
import { FaultDesk } from './fault-desk.ts';
import { type FaultInput, faultSchema } from './faults.ts';
import { Feed } from './feed.ts';
import { Gate } from './gate.ts';
import { readPublicKeys } from './handshake.ts';
import { Hub } from './hub.ts';
import type { SentRecord } from './ledger.ts';
import { Listener, WS_PATH } from './listener.ts';
import { type ExchangeOptions, type ExchangeOptionsInput, optionsSchema } from './options.ts';
import { Player } from './player.ts';
import { readReplay, type ReplayTape } from './replay.ts';
import { REST_PATH } from './rest.ts';
import { Session } from './session.ts';
import { Venue } from './venue.ts';

export interface Exchange {
  readonly port: number;
  readonly wsUrl: string;
  readonly restUrl: string;
  readonly control: ExchangeControl;
  /** Ends all connections and frees the port. */
  close(): Promise<void>;
}

interface ExchangeControl {
  /** Makes a fault happen; returns on how many open connections it acted at once. Throws ZodError where it is none. */
  fault(fault: FaultInput): number;
  /** This many events now, beside the rate; returns how many there were. In replay: none. */
  emit(count: number): number;
  /** Stops the feed (or the replay) where it is; connections and commands go on. */
  pause(): void;
  resume(): void;
  tickers(): readonly string[];
  /** The book of now, in integers; undefined: no such market. */
  truth(ticker: string): BookLevels | undefined;
  /** The book as a client has it that took everything of that sid up to seq. Needs keepSent. */
  truthAt(
    at: { readonly connection: number; readonly sid: number; readonly seq: number },
    ticker: string,
  ): BookLevels | undefined;
  sent(): readonly SentRecord[];
  stats(): ExchangeStats;
}

export interface ExchangeStats {
  /** Open now. */
  readonly connections: number;
  /** Ever opened. */
  readonly opened: number;
  /** Upgrades and REST calls refused by a fault. */
  readonly refused: number;
  readonly commands: number;
  /** Frames handed to sockets, all connections together, and their bytes. */
  readonly frames: number;
  readonly bytes: number;
  /** Frames that a drop fault kept. */
  readonly dropped: number;
  /** Events made, whoever heard them. */
  readonly events: number;
  /** Events that a late timer made too old to catch up with. */
  readonly shed: number;
  /** Replay: frames played and in the file; both 0 without replay. */
  readonly replayed: number;
  readonly replayFrames: number;
  readonly replayDone: boolean;
}

/** Starts an exchange on 127.0.0.1. Throws ZodError (options) or ReplayError (file) before anything listens. */
export async function startExchange(input: ExchangeOptionsInput = {}): Promise<Exchange> {
  const options = optionsSchema.parse(input);
  const tape = options.replay === undefined ? undefined : await readReplay(options.replay.file);
  const now = () => performance.timeOrigin + performance.now();

  const venue = new Venue({
    seed: options.seed,
    tickers: tickersFor(options, tape),
    books: tape === undefined ? 'quoted' : 'empty',
    keepTruth: options.keepSent,
    start_us: options.start_us ?? Math.floor(now() * 1_000),
  });
  const armed = new Armed();
  const gate = new Gate();
  const player = tape && new Player(tape.frames, replayRate(options, tape), options.slowConsumerBytes);
  const hub: Hub = new Hub(
    {
      ...options,
      now,
      sessionOn: (connection, signedIn) =>
        player === undefined
          ? new Session(connection, venue, {
              ...options,
              signedIn,
              tickerOfId: (marketId) => venue.tickerOfId(marketId),
            })
          : undefined,
      onReplayCommand: (connection, text) => {
        if (parseCommand(text).cmd === 'subscribe') player?.subscribed(connection, now());
      },
    },
    armed,
  );
  const clock = options.start_us === undefined ? 'wall' : 'counted';
  const feed =
    player === undefined ? new Feed(venue, { ...options, clock }, now(), (event) => hub.deliver(event)) : undefined;
  const keys = options.keys && readPublicKeys(options.keys);
  const rules = { keys, saltLength: options.saltLength, skewMs: options.skewMs };
  const listener = new Listener({ hub, gate, view: venue, rules, now });
  const desk = new FaultDesk({ hub, armed, gate, door: listener, venue, feed, now });

  const source = player ?? feed;
  const port = await listener.listen(options.port);
  const ticker = setInterval(() => hub.together(() => source?.tick(now())), options.tickMs);

  return {
    port,
    wsUrl: `ws://127.0.0.1:${port}${WS_PATH}`,
    restUrl: `http://127.0.0.1:${port}${REST_PATH}`,
    control: {
      fault: (fault) => desk.apply(faultSchema.parse(fault)),
      emit: (count) => {
        const before = feed?.events ?? 0;
        hub.together(() => feed?.emit(count, now()));
        return (feed?.events ?? 0) - before;
      },
      pause: () => source?.pause(),
      resume: () => source?.resume(now()),
      tickers: () => venue.tickers(),
      truth: (ticker) => venue.book(ticker)?.levels,
      truthAt: ({ connection, sid, seq }, ticker) => venue.truthAt(connection, sid, seq, ticker),
      sent: () => hub.sent(),
      stats: () => ({
        ...hub.totals(),
        refused: gate.refused,
        commands: hub.commands,
        dropped: armed.droppedFrames,
        events: feed?.events ?? 0,
        shed: feed?.shed ?? 0,
        replayed: player?.position ?? 0,
        replayFrames: tape?.frames.length ?? 0,
        replayDone: player?.done ?? false,
      }),
    },
    close: async () => {
      clearInterval(ticker);
      desk.stop();
      await listener.stop();
    },
  };
}

function tickersFor(options: ExchangeOptions, tape: ReplayTape | undefined): readonly string[] | number {
  const replayed = tape?.summary.tickers ?? [];
  return replayed.length > 0 ? replayed : (options.markets ?? options.marketCount);
}

function replayRate({ replay }: ExchangeOptions, tape: ReplayTape): number {
  if (replay === undefined) return 0;
  return 'rate' in replay ? replay.rate : tape.frames.length / replay.duration_sec;
}
