import type { EventSourceEvent } from '../event-source/events.ts';
import type { EventSourceStats } from '../event-source/stats.ts';
import type { AwsSample } from './scale.ts';

/** What AWS measures of stream, event source and sink, under AWS's names, taken from the local ones. */
export class AwsMeter {
  readonly samples: AwsSample[] = [];
  #invoked = 0;

  add(name: string, value: number): void {
    this.samples.push({ name, at: Date.now(), value });
  }

  heard(event: EventSourceEvent): void {
    if (event.kind !== 'sent_to_destination') return;
    // Nobody has it where it has no path.
    this.add(event.path === '' ? 'DroppedEventCount' : 'OnFailureDestinationDeliveredEventCount', event.records);
  }

  /** Every half minute of the drill: AWS writes an iterator's age only while somebody reads with it. */
  tick(stats: EventSourceStats | undefined): void {
    const age = stats?.iteratorAgeMs ?? undefined;
    if (stats === undefined || age === undefined || stats.invoked === this.#invoked) return;
    this.#invoked = stats.invoked;
    this.add('GetRecords.IteratorAgeMilliseconds', age);
  }
}
