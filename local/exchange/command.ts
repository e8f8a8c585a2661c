import type { ErrorCode } from './channel.ts';

/** A command as understood. `id` 0: none was given. */
export type Command =
  | Subscribe
  | UpdateSubscription
  | { readonly cmd: 'unsubscribe'; readonly id: number; readonly sids: readonly number[] }
  | { readonly cmd: 'list_subscriptions'; readonly id: number }
  | { readonly cmd: 'refused'; readonly id: number; readonly code: ErrorCode };

export interface Subscribe {
  readonly cmd: 'subscribe';
  readonly id: number;
  /** Not checked: an unknown one is refused alone. */
  readonly channels: readonly string[];
  readonly markets: Markets;
  readonly sendInitialSnapshot: boolean;
  readonly skipTickerAck: boolean;
  readonly useYesPrice: boolean;
}

export interface UpdateSubscription {
  readonly cmd: 'update_subscription';
  readonly id: number;
  readonly action: 'add_markets' | 'delete_markets' | 'get_snapshot';
  readonly sid: number;
  readonly markets: Markets;
  readonly sendInitialSnapshot: boolean;
}

/** `none`: the command names no market. Market ids are understood on the ticker channel only. */
export type Markets =
  | { readonly by: 'none' }
  | { readonly by: 'ticker'; readonly tickers: readonly string[] }
  | { readonly by: 'id'; readonly ids: readonly string[] };

/** Reads one message of a client; never throws. What is wrong becomes the error code that the exchange answers. */
export function parseCommand(text: string): Command {
  const message = parseObject(text);
  if (message === undefined) return refused(0, 1);
  const id = isWhole(message['id']) ? message['id'] : 0;
  const params = message['params'];
  switch (message['cmd']) {
    case 'list_subscriptions':
      return { cmd: 'list_subscriptions', id };
    case 'subscribe':
      return isObject(params) ? subscribe(id, params) : refused(id, 2);
    case 'unsubscribe':
      return isObject(params) ? unsubscribe(id, params) : refused(id, 2);
    case 'update_subscription':
      return isObject(params) ? update(id, params) : refused(id, 2);
    default:
      return refused(id, 5);
  }
}

function subscribe(id: number, params: Params): Command {
  const { channels } = params;
  if (!isList(channels, isText) || channels.length === 0)
    return refused(id, channels === undefined || isEmpty(channels) ? 3 : 11);
  const markets = marketsOf(params);
  const sendInitialSnapshot = flagOf(params, 'send_initial_snapshot');
  const skipTickerAck = flagOf(params, 'skip_ticker_ack');
  const useYesPrice = flagOf(params, 'use_yes_price');
  if (
    markets === undefined ||
    sendInitialSnapshot === undefined ||
    skipTickerAck === undefined ||
    useYesPrice === undefined
  ) {
    return refused(id, 11);
  }
  return { cmd: 'subscribe', id, channels, markets, sendInitialSnapshot, skipTickerAck, useYesPrice };
}

function unsubscribe(id: number, params: Params): Command {
  const sids = sidsOf(params);
  if (sids === undefined) return refused(id, 11);
  return sids.length === 0 ? refused(id, 4) : { cmd: 'unsubscribe', id, sids };
}

function update(id: number, params: Params): Command {
  const { action } = params;
  if (action === undefined || action === '') return refused(id, 15);
  if (action !== 'add_markets' && action !== 'delete_markets' && action !== 'get_snapshot') return refused(id, 13);
  const sids = sidsOf(params);
  if (sids === undefined) return refused(id, 11);
  if (sids.length !== 1) return refused(id, 12);
  const markets = marketsOf(params);
  const sendInitialSnapshot = flagOf(params, 'send_initial_snapshot');
  if (markets === undefined || sendInitialSnapshot === undefined) return refused(id, 11);
  if (markets.by === 'none') return refused(id, 14);
  return { cmd: 'update_subscription', id, action, sid: sids[0]!, markets, sendInitialSnapshot };
}

type Params = Readonly<Record<string, unknown>>;

/** `sid` and `sids` together, [] where neither is given, undefined where one is not what it should be. */
function sidsOf(params: Params): readonly number[] | undefined {
  const { sid, sids } = params;
  if (sids === undefined) return sid === undefined ? [] : isWhole(sid) ? [sid] : undefined;
  return isList(sids, isWhole) ? sids : undefined;
}

/** Undefined where they are not strings, or named in two ways. An empty list names none. */
function marketsOf(params: Params): Markets | undefined {
  const tickers = listOf(params['market_ticker'], params['market_tickers']);
  const ids = listOf(params['market_id'], params['market_ids']);
  if (tickers === undefined || ids === undefined) return undefined;
  if (tickers.length > 0) return ids.length > 0 ? undefined : { by: 'ticker', tickers: [...new Set(tickers)] };
  return ids.length > 0 ? { by: 'id', ids: [...new Set(ids)] } : { by: 'none' };
}

function listOf(one: unknown, many: unknown): readonly string[] | undefined {
  const list = many === undefined || many === null ? [] : many;
  if (!isList(list, isText)) return undefined;
  if (one === undefined || one === null || one === '') return list;
  return isText(one) ? [one, ...list] : undefined;
}

function flagOf(params: Params, name: string): boolean | undefined {
  const value = params[name] ?? false;
  return typeof value === 'boolean' ? value : undefined;
}

function refused(id: number, code: ErrorCode): Command {
  return { cmd: 'refused', id, code };
}

function parseObject(text: string): Params | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Params {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isList<T>(value: unknown, isItem: (item: unknown) => item is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isItem);
}
