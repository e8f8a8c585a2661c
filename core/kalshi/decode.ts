import {
  KNOWN_MSG_FIELDS,
  LIFECYCLE_EVENT_TYPES,
  type Message,
  MESSAGE_SCHEMAS,
  type MessageOf,
  type MessageType,
} from './messages.ts';

/** What a frame says. Decoding never throws: what could not be read is a value. */
export type Decoded =
  | { readonly kind: 'message'; readonly message: Message; readonly drift: readonly string[] }
  /** A type that we do not know: kept, counted, not an error. */
  | { readonly kind: 'unknown_type'; readonly type: string; readonly drift: readonly string[] }
  /** A known type whose content is not what the exchange documents. */
  | { readonly kind: 'invalid'; readonly type: string; readonly reason: string }
  | { readonly kind: 'not_json'; readonly reason: string };

/** Drift entries that one frame may report; a message of a thousand new fields is one message. */
const MAX_DRIFT = 8;
/** Of one drift entry: names come from the exchange and may be as long as a frame. */
const MAX_DRIFT_CHARS = 100;
/** Faults that one reason names; a book of a thousand bad levels is one fault. */
const MAX_ISSUES = 8;
const MAX_REASON_CHARS = 300;
const KNOWN_TOP_FIELDS = new Set(['type', 'id', 'sid', 'seq', 'msg']);

export function decode(text: string): Decoded {
  const value = parse(text);
  if (value === undefined) return { kind: 'not_json', reason: 'the frame is not a JSON object' };
  return decodeObject(value);
}

export function isType<T extends MessageType>(message: Message, type: T): message is Message & MessageOf<T> {
  return message.type === type;
}

function decodeObject(value: Readonly<Record<string, unknown>>): Decoded {
  const type = value['type'];
  if (typeof type !== 'string') return { kind: 'invalid', type: '', reason: 'the frame has no type' };
  if (!isKnown(type)) return { kind: 'unknown_type', type, drift: bounded([`type:${type}`]) };
  const result = MESSAGE_SCHEMAS[type].safeParse(value);
  if (!result.success) return { kind: 'invalid', type, reason: reasonOf(result.error.issues) };
  return { kind: 'message', message: result.data, drift: driftOf(type, value) };
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function isKnown(type: string): type is MessageType {
  return Object.hasOwn(MESSAGE_SCHEMAS, type);
}

function reasonOf(issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]): string {
  const reasons = issues.slice(0, MAX_ISSUES).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  return reasons.join('; ').slice(0, MAX_REASON_CHARS);
}

/** Fields and event types that the exchange added since this was written: `field:msg.x`, `event_type:y`. */
function driftOf(type: MessageType, value: Readonly<Record<string, unknown>>): string[] {
  const drift: string[] = [];
  for (const field in value) if (!KNOWN_TOP_FIELDS.has(field)) drift.push(`field:${field}`);
  const known = KNOWN_MSG_FIELDS[type];
  if (known !== undefined) {
    const msg = value['msg'] as Record<string, unknown>;
    for (const field in msg) if (!known.has(field)) drift.push(`field:msg.${field}`);
    const event = msg['event_type'];
    if (typeof event === 'string' && !LIFECYCLE_EVENT_TYPES.includes(event)) drift.push(`event_type:${event}`);
  }
  return bounded(drift);
}

function bounded(drift: readonly string[]): string[] {
  return drift.slice(0, MAX_DRIFT).map((entry) => entry.slice(0, MAX_DRIFT_CHARS));
}
