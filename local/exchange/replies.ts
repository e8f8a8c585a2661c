import { type Channel, ERROR_TEXTS, type ErrorCode } from './channel.ts';

/** Answers to commands. Key order as seen on the wire; a command without an id (or with id 0) is answered without one. */

export function subscribedText(id: number, channel: Channel, sid: number): string {
  return `{"type":"subscribed"${idText(id)},"msg":{"channel":"${channel}","sid":${sid}}}\n`;
}

/** `tickers` undefined: the list is left out (a firehose, or skip_ticker_ack). */
export function okText(
  id: number,
  sid: number,
  seq: number | undefined,
  tickers: readonly string[] | undefined,
): string {
  const list = tickers === undefined ? '' : `"market_tickers":${JSON.stringify(tickers)}`;
  return `{"type":"ok"${idText(id)},"sid":${sid}${seqText(seq)},"msg":{${list}}}\n`;
}

export function unsubscribedText(id: number, sid: number, seq: number | undefined): string {
  const lead = id === 0 ? '' : `"id":${id},`;
  return `{${lead}"sid":${sid}${seqText(seq)},"type":"unsubscribed"}\n`;
}

export function listText(
  id: number,
  subscriptions: readonly { readonly channel: Channel; readonly sid: number }[],
): string {
  const entries = subscriptions.map(({ channel, sid }) => `{"channel":"${channel}","sid":${sid}}`);
  const lead = id === 0 ? '' : `"id":${id},`;
  return `{${lead}"type":"ok","msg":[${entries.join(',')}]}\n`;
}

/** A snapshot that answers get_snapshot carries the command's id. */
export function snapshotText(id: number, sid: number, seq: number, body: string): string {
  return `{"type":"orderbook_snapshot"${idText(id)},"sid":${sid},"seq":${seq},"msg":${body}}\n`;
}

/** `sid` undefined: the error concerns the command, not a subscription. */
export function errorText(id: number, code: ErrorCode, sid: number | undefined, seq: number | undefined): string {
  const scope = sid === undefined ? '' : `,"sid":${sid}${seqText(seq)}`;
  return `{"type":"error"${idText(id)}${scope},"msg":{"code":${code},"msg":"${ERROR_TEXTS[code]}"}}\n`;
}

function idText(id: number): string {
  return id === 0 ? '' : `,"id":${id}`;
}

function seqText(seq: number | undefined): string {
  return seq === undefined ? '' : `,"seq":${seq}`;
}
