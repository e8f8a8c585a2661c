/** Deliveries that are remembered: a storm is some dozens. */
const REMEMBERED_MAX = 256;

/**
 * Who was told of which delivery. SNS delivers at least once, and Lambda tries a failed delivery again: in the same
 * environment, mostly, and there nobody is told twice. In another one he is: twice is better than never.
 */
export class ToldBefore {
  readonly #told = new Set<string>();

  has(messageId: string, channel: string): boolean {
    return this.#told.has(keyOf(messageId, channel));
  }

  add(messageId: string, channel: string): void {
    this.#told.add(keyOf(messageId, channel));
    if (this.#told.size <= REMEMBERED_MAX) return;
    const [oldest] = this.#told;
    if (oldest !== undefined) this.#told.delete(oldest);
  }
}

function keyOf(messageId: string, channel: string): string {
  return `${messageId} ${channel}`;
}
