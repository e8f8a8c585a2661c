import type { LifecycleEvent } from './event.ts';
import { secondsOf } from './format.ts';
import { eventOf, makeTicker } from './listing.ts';
import type { Random } from './random.ts';

const POOL_MIN = 8;
const POOL_MAX = 48;

/**
 * Markets elsewhere on the exchange that come and go. The lifecycle channels carry all markets, so most of what a
 * recorder hears there is about markets it does not record; the markets of the tape itself stay open.
 */
export class LifecycleSource {
  readonly #random: Random;
  readonly #pool: Background[] = [];
  readonly #announced: LifecycleEvent[] = [];
  #serial = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  next(at_us: number): LifecycleEvent {
    const announced = this.#announced.shift();
    if (announced !== undefined) return { ...announced, at_us };
    const size = this.#pool.length;
    if (size < POOL_MIN || (size < POOL_MAX && this.#random.oneIn(3))) return this.#create(at_us);
    return this.#age(this.#random.below(size), at_us);
  }

  #create(at_us: number): LifecycleEvent {
    this.#serial++;
    const combo = this.#random.oneIn(6);
    const ticker = combo
      ? `KXMVESPORTSMULTIGAMEEXTENDED-S2026${this.#hex(11)}-${this.#hex(11)}`
      : `${makeTicker(this.#random)}-${this.#serial}`;
    const background: Background = { ticker, combo, stage: 'open' };
    this.#pool.push(background);
    const created = this.#of(background, createdMsg(background, secondsOf(at_us)), at_us);
    if (!this.#random.oneIn(2)) return created;
    this.#announced.push(created);
    return { ...created, type: 'event_lifecycle', msg: eventMsg(background) };
  }

  #age(index: number, at_us: number): LifecycleEvent {
    const background = this.#pool[index]!;
    const now = secondsOf(at_us);
    if (background.stage === 'determined') {
      this.#pool.splice(index, 1);
      return this.#of(background, { market_ticker: background.ticker, settled_ts: now, event_type: 'settled' }, at_us);
    }
    if (background.stage === 'paused') {
      background.stage = 'open';
      return this.#of(
        background,
        { market_ticker: background.ticker, is_deactivated: false, event_type: 'activated' },
        at_us,
      );
    }
    return this.#happen(background, now, at_us);
  }

  #happen(background: Background, now: number, at_us: number): LifecycleEvent {
    const market_ticker = background.ticker;
    switch (this.#random.below(background.combo ? 5 : 8)) {
      case 0:
        background.stage = 'paused';
        return this.#of(background, { market_ticker, is_deactivated: true, event_type: 'deactivated' }, at_us);
      case 1:
        return this.#of(background, { market_ticker, close_ts: now + 900, event_type: 'close_date_updated' }, at_us);
      case 5:
        return this.#of(
          background,
          { event_type: 'metadata_updated', market_ticker, yes_sub_title: 'Above 95,000' },
          at_us,
        );
      case 6:
        return this.#of(background, structureMsg(market_ticker), at_us);
      case 7:
        return {
          ...this.#of(background, feeMsg(background.ticker, this.#random.oneIn(4)), at_us),
          type: 'event_fee_update',
        };
      default:
        background.stage = 'determined';
        return this.#of(background, determinedMsg(market_ticker, now, this.#random.pick(RESULTS)), at_us);
    }
  }

  #of(background: Background, msg: LifecycleEvent['msg'], at_us: number): LifecycleEvent {
    const type = background.combo ? 'multivariate_market_lifecycle' : 'market_lifecycle_v2';
    return { kind: 'lifecycle', channel: type, type, msg, at_us };
  }

  #hex(digits: number): string {
    return Array.from({ length: digits }, () => '0123456789ABCDEF'[this.#random.below(16)]!).join('');
  }
}

interface Background {
  readonly ticker: string;
  /** A combination market (KXMVE…): it has a channel of its own. */
  readonly combo: boolean;
  stage: 'open' | 'paused' | 'determined';
}

const RESULTS = [
  { result: 'no', settlement_value: '0.0000' },
  { result: 'no', settlement_value: '0.0000' },
  { result: 'yes', settlement_value: '1.0000' },
  { result: 'yes', settlement_value: '1.0000' },
  { result: 'scalar', settlement_value: '0.5000' },
] as const;

function createdMsg({ ticker, combo }: Background, now: number): LifecycleEvent['msg'] {
  const additional_metadata = {
    name: `Market ${ticker}`,
    title: `Will ${ticker} resolve to yes?`,
    yes_sub_title: 'Yes',
    no_sub_title: 'No',
    rules_primary: 'If the underlying is above the strike at expiration, the market resolves to Yes.',
    rules_secondary: '',
    can_close_early: true,
    event_ticker: eventOf(ticker),
    expected_expiration_ts: now + 4_500,
  };
  const common = { market_ticker: ticker, exchange_index: combo ? 1 : 0, open_ts: now + 60, close_ts: now + 3_600 };
  const created = { ...common, additional_metadata, event_type: 'created' };
  return combo ? created : { ...created, ...LINEAR_CENT };
}

function eventMsg({ ticker, combo }: Background): LifecycleEvent['msg'] {
  const event_ticker = eventOf(ticker);
  return {
    event_ticker,
    exchange_index: combo ? 1 : 0,
    title: `What will ${event_ticker} be?`,
    subtitle: 'On Nov 23, 2026',
    collateral_return_type: combo ? '' : 'MECNET',
    series_ticker: event_ticker.slice(0, Math.max(1, event_ticker.indexOf('-'))),
  };
}

function determinedMsg(market_ticker: string, now: number, outcome: (typeof RESULTS)[number]): LifecycleEvent['msg'] {
  return { market_ticker, determination_ts: now, ...outcome, event_type: 'determined' };
}

const LINEAR_CENT = {
  price_level_structure: 'linear_cent',
  price_ranges: [{ start: '0.0000', end: '1.0000', step: '0.0100' }],
};

function structureMsg(market_ticker: string): LifecycleEvent['msg'] {
  const price_ranges = [{ start: '0.0000', end: '1.0000', step: '0.0010' }];
  return {
    market_ticker,
    event_type: 'price_level_structure_updated',
    price_level_structure: 'deci_cent',
    price_ranges,
  };
}

function feeMsg(ticker: string, lifted: boolean): LifecycleEvent['msg'] {
  const override = lifted ? null : 'quadratic';
  return { event_ticker: eventOf(ticker), fee_type_override: override, fee_multiplier_override: lifted ? null : 1 };
}
