import type { Message, MessageOf, MessageType } from '../kalshi/messages.ts';
import type { TableName } from '../contract/names.ts';
import { contracts, exchangeInstant, type Position, price, secondsOrNull, Unfit } from './row.ts';
import type { Cell, Row } from './tables.ts';

export interface TableRow {
  readonly table: TableName;
  readonly row: Row;
}

/** The table of each type that has one; other types are in `frames` alone. */
const TABLE_OF = {
  orderbook_snapshot: 'orderbook_snapshots',
  orderbook_delta: 'orderbook_deltas',
  trade: 'trades',
  ticker: 'tickers',
  market_lifecycle_v2: 'lifecycle',
  multivariate_market_lifecycle: 'lifecycle',
  event_lifecycle: 'lifecycle',
  event_fee_update: 'lifecycle',
} as const satisfies Partial<Record<MessageType, TableName>>;

/** The table that messages of this type become rows of; '' where there is none. */
export function tableOf(type: string): TableName | '' {
  return Object.hasOwn(TABLE_OF, type) ? TABLE_OF[type as keyof typeof TABLE_OF] : '';
}

/** The table row of a message; undefined for replies and for data without a table. Throws Unfit where it cannot be held exactly. */
export function marketRow(message: Message, at: Position): TableRow | undefined {
  switch (message.type) {
    case 'orderbook_snapshot':
      return { table: TABLE_OF[message.type], row: snapshotRow(message.msg, at) };
    case 'orderbook_delta':
      return { table: TABLE_OF[message.type], row: deltaRow(message.msg, at) };
    case 'trade':
      return { table: TABLE_OF[message.type], row: tradeRow(message.msg, at) };
    case 'ticker':
      return { table: TABLE_OF[message.type], row: tickerRow(message.msg, at) };
    case 'market_lifecycle_v2':
    case 'multivariate_market_lifecycle':
      return { table: TABLE_OF[message.type], row: lifecycleRow(message.type, message.msg, at) };
    case 'event_lifecycle':
    case 'event_fee_update':
      return { table: TABLE_OF[message.type], row: eventRow(message, at) };
    case 'cfbenchmarks_value':
    case 'cfbenchmarks_value_5hz':
    case 'pyth_value':
    case 'subscribed':
    case 'unsubscribed':
    case 'ok':
    case 'error':
      return undefined;
  }
}

/** What a snapshot may hold beside its two sides. */
const SNAPSHOT_KEYS = ['market_ticker', 'market_id', 'yes_dollars_fp', 'no_dollars_fp'];

/** Throws where the sides may stand under names that we do not know: an empty book would be a lie. */
function snapshotRow(msg: MessageOf<'orderbook_snapshot'>['msg'], at: Position): Row {
  const hasSide = (msg.yes_dollars_fp ?? msg.no_dollars_fp ?? undefined) !== undefined;
  const strange = Object.keys(msg).filter((key) => !SNAPSHOT_KEYS.includes(key) && Array.isArray(msg[key]));
  if (!hasSide && strange.length > 0)
    throw new Unfit('invalid_message', `no known depth key, but ${strange.join(', ').slice(0, 60)}`);
  return [
    msg.market_ticker,
    msg.market_id ?? '',
    at.session_id,
    at.sid,
    at.seq,
    at.frame_no,
    at.recv_ts,
    levels('yes_dollars_fp', msg.yes_dollars_fp),
    levels('no_dollars_fp', msg.no_dollars_fp),
  ];
}

function levels(field: string, side: readonly (readonly [string, string])[] | null | undefined): Cell {
  return (side ?? []).map(([p, count]) => [price(field, p), contracts(field, count)]);
}

function deltaRow(msg: MessageOf<'orderbook_delta'>['msg'], at: Position): Row {
  const { ts, ts_source } = exchangeInstant(msg, at.recv_ts);
  return [
    msg.market_ticker,
    ts,
    at.session_id,
    at.sid,
    at.seq,
    at.frame_no - at.seq,
    msg.side,
    price('price_dollars', msg.price_dollars),
    contracts('delta_fp', msg.delta_fp),
    at.recv_ts - ts,
    ts_source,
  ];
}

function tradeRow(msg: MessageOf<'trade'>['msg'], at: Position): Row {
  const { ts, ts_source } = exchangeInstant(msg, at.recv_ts);
  const outcome = msg.taker_outcome_side ?? msg.taker_side ?? '';
  return [
    msg.trade_id,
    msg.market_ticker,
    ts,
    price('yes_price_dollars', msg.yes_price_dollars),
    price('no_price_dollars', msg.no_price_dollars),
    contracts('count_fp', msg.count_fp),
    outcome,
    msg.taker_book_side ?? '',
    msg.is_block_trade ?? false,
    at.session_id,
    at.sid,
    at.seq,
    at.frame_no,
    at.recv_ts,
    ts_source,
  ];
}

function tickerRow(msg: MessageOf<'ticker'>['msg'], at: Position): Row {
  const { ts, ts_source } = exchangeInstant({ ts: msg.time ?? msg.ts, ts_ms: msg.ts_ms }, at.recv_ts);
  return [
    msg.market_ticker,
    ts,
    msg.price_dollars === '' ? null : price('price_dollars', msg.price_dollars),
    price('yes_bid_dollars', msg.yes_bid_dollars),
    price('yes_ask_dollars', msg.yes_ask_dollars),
    optionalContracts('yes_bid_size_fp', msg.yes_bid_size_fp),
    optionalContracts('yes_ask_size_fp', msg.yes_ask_size_fp),
    optionalContracts('last_trade_size_fp', msg.last_trade_size_fp),
    contracts('volume_fp', msg.volume_fp),
    contracts('open_interest_fp', msg.open_interest_fp),
    msg.dollar_volume ?? null,
    msg.dollar_open_interest ?? null,
    at.session_id,
    at.sid,
    at.frame_no,
    at.recv_ts,
    ts_source,
  ];
}

function optionalContracts(field: string, text: string | null | undefined): string | null {
  return text === undefined || text === null ? null : contracts(field, text);
}

function lifecycleRow(
  type: 'market_lifecycle_v2' | 'multivariate_market_lifecycle',
  msg: MessageOf<'market_lifecycle_v2'>['msg'],
  at: Position,
): Row {
  const settlement = msg.settlement_value;
  const determination_ts = secondsOrNull('determination_ts', msg.determination_ts);
  const settled_ts = secondsOrNull('settled_ts', msg.settled_ts);
  return [
    msg.market_ticker,
    msg.additional_metadata?.event_ticker ?? '',
    type,
    msg.event_type,
    determination_ts ?? settled_ts ?? at.recv_ts,
    secondsOrNull('open_ts', msg.open_ts),
    secondsOrNull('close_ts', msg.close_ts),
    determination_ts,
    settled_ts,
    msg.result ?? '',
    settlement === undefined || settlement === null ? null : price('settlement_value', settlement),
    msg.is_deactivated ?? null,
    msg.exchange_index ?? null,
    msg.additional_metadata?.title ?? '',
    msg.price_level_structure ?? '',
    (msg.price_ranges ?? []).map(({ start, end, step }) => [
      price('start', start),
      price('end', end),
      price('step', step),
    ]),
    JSON.stringify(msg),
    at.session_id,
    at.sid,
    at.seq,
    at.frame_no,
    at.recv_ts,
  ];
}

function eventRow(message: MessageOf<'event_lifecycle'> | MessageOf<'event_fee_update'>, at: Position): Row {
  const { msg } = message;
  return [
    '',
    msg.event_ticker,
    message.type,
    message.type,
    at.recv_ts,
    null,
    null,
    null,
    null,
    '',
    null,
    null,
    message.type === 'event_lifecycle' ? (message.msg.exchange_index ?? null) : null,
    message.type === 'event_lifecycle' ? (message.msg.title ?? '') : '',
    '',
    [],
    JSON.stringify(msg),
    at.session_id,
    at.sid,
    at.seq,
    at.frame_no,
    at.recv_ts,
  ];
}
