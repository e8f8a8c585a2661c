import { FAILURE_CLASSES, type FailureCategory, type FailureClass } from './classes.ts';

/** A failure as data. What it obliges is in `FAILURE_CLASSES[failure.class]`. */
export interface Failure {
  readonly class: FailureClass;
  readonly category: FailureCategory;
  /** One line of at most REASON_MAX_CHARS, without credentials. */
  readonly reason: string;
  readonly clickhouseCode?: number;
  readonly httpStatus?: number;
  readonly nodeCode?: string;
  /** What the other side asked us to wait, 0 … RETRY_AFTER_MAX_MS. */
  readonly retryAfterMs?: number;
  /** The bad row of the payload, 1 is the first. Only where the server counts from the start of the payload. */
  readonly row?: number;
  /** Whose limit was hit; only with memory classes. */
  readonly memoryScope?: 'query' | 'user' | 'server';
}

export const REASON_MAX_CHARS = 300;

export type FailureDetails = Partial<Omit<Failure, 'class' | 'category' | 'reason'>>;

/** Builds the failure; details that are undefined are left out. */
export function failureOf(
  failureClass: FailureClass,
  reason: string,
  details: { readonly [K in keyof FailureDetails]: FailureDetails[K] | undefined } = {},
): Failure {
  const known = Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined));
  return { class: failureClass, category: FAILURE_CLASSES[failureClass].category, reason: oneLine(reason), ...known };
}

function oneLine(text: string): string {
  const line = text
    .slice(0, 4 * REASON_MAX_CHARS)
    .replace(/\/\/[^/@\s]{1,200}@/g, '//***@')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return line.length <= REASON_MAX_CHARS ? line : `${line.slice(0, REASON_MAX_CHARS - 1)}…`;
}
