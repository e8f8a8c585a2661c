/** `{"Records":[]}` */
const ENVELOPE_BYTES = 14;

export interface Cut {
  /** How many of the first records make the next batch; at least one, if there is one. */
  readonly count: number;
  /** No more would fit: there is no reason to wait for them. */
  readonly full: boolean;
}

/** The longest batch within both bounds. A record that alone exceeds `maxBytes` travels alone. */
export function cutBatch(records: readonly { readonly bytes: number }[], maxRecords: number, maxBytes: number): Cut {
  let bytes = ENVELOPE_BYTES;
  let count = 0;
  for (const record of records) {
    bytes += record.bytes;
    if (count === maxRecords || (count > 0 && bytes > maxBytes)) return { count, full: true };
    count++;
  }
  return { count, full: count === maxRecords };
}
