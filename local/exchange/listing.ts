import type { Random } from './random.ts';

/** Who a market is; never changes. */
export interface Listing {
  readonly ticker: string;
  readonly marketId: string;
  readonly eventTicker: string;
  readonly structure: PriceStructure;
}

export type PriceStructure = 'linear_cent' | 'deci_cent';

/** The smallest price step, 1e-4 dollars. */
export const TICK: Readonly<Record<PriceStructure, number>> = { linear_cent: 100, deci_cent: 10 };

/** Lists the given tickers, or `count` made ones; all different. */
export function listMarkets(random: Random, tickers: readonly string[] | number): readonly Listing[] {
  const names = typeof tickers === 'number' ? makeTickers(random, tickers) : [...new Set(tickers)];
  return names.map((ticker) => ({
    ticker,
    marketId: random.uuid(true),
    eventTicker: eventOf(ticker),
    structure: random.oneIn(5) ? 'deci_cent' : 'linear_cent',
  }));
}

/** A ticker as the exchange writes them: series, date, and strike or outcome. Some hold a '.'. */
export function makeTicker(random: Random): string {
  const day = String(random.between(20, 30));
  const hour = String(random.below(24)).padStart(2, '0');
  const [home, away] = [random.pick(TEAMS), random.pick(TEAMS)];
  switch (random.below(9)) {
    case 0:
      return `KXBTCD-26NOV${day}${hour}-T${random.between(820, 1290)}99.99`;
    case 1:
      return `KXETHD-26NOV${day}${hour}-T${random.between(24, 52)}${random.pick(['1', '5', '9'])}9.99`;
    case 2:
      return `KXBTC15M-26NOV${day}${hour}${random.pick(['00', '15', '30', '45'])}-${random.pick(['00', '15', '30', '45'])}`;
    case 3:
      return `KXGOLDH-26NOV${day}${hour}-T${random.between(3_900, 4_900)}.99`;
    case 4:
      return `KXHIGHNY-26NOV${day}-B${random.between(30, 70)}.5`;
    case 5:
      return `KXNFLGAME-26NOV${day}${home}${away}-${random.pick([home, away])}`;
    case 6:
      return `KXNBASPREAD-26NOV${day}${home}${away}-${random.pick([home, away])}${random.between(1, 25)}`;
    case 7:
      return `KXNHLTOTAL-26NOV${day}${home}${away}-${random.between(3, 9)}`;
    default:
      return `KXFEDDECISION-${random.between(26, 29)}${random.pick(['JAN', 'MAR', 'JUN', 'DEC'])}-${random.pick(['H0', 'H25', 'C25', 'C26'])}`;
  }
}

export function eventOf(ticker: string): string {
  const cut = ticker.lastIndexOf('-');
  return cut < 0 ? ticker : ticker.slice(0, cut);
}

const TEAMS = [
  'DAL',
  'PHI',
  'KC',
  'BUF',
  'NYG',
  'SEA',
  'LAL',
  'BOS',
  'DEN',
  'MIA',
  'NYK',
  'CHI',
  'GB',
  'DET',
  'SF',
  'TB',
] as const;

function makeTickers(random: Random, count: number): string[] {
  const names = new Set<string>();
  while (names.size < count) {
    const ticker = makeTicker(random);
    names.add(names.has(ticker) ? `${ticker}-${names.size}` : ticker);
  }
  return [...names];
}
