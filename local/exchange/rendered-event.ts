import type { MarketEvent } from './event.ts';
import { bodyOf, typeOf } from './wire.ts';

/** An event with its `msg` text, made once for all connections and only where somebody wants it. */
export class RenderedEvent {
  readonly event: MarketEvent;
  readonly type: string;
  /** '' for lifecycle: those channels ignore filters. */
  readonly ticker: string;
  #body: string | undefined;
  #yesBody: string | undefined;

  constructor(event: MarketEvent) {
    this.event = event;
    this.type = typeOf(event);
    this.ticker = event.kind === 'lifecycle' ? '' : event.listing.ticker;
  }

  body(useYesPrice: boolean): string {
    return useYesPrice ? (this.#yesBody ??= bodyOf(this.event, true)) : (this.#body ??= bodyOf(this.event, false));
  }
}
