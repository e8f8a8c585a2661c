/** Counters since the start, named after the event source mapping's CloudWatch metrics where there is one. */
export interface EventSourceStats {
  /** Records read (PolledEventCount). */
  readonly polled: number;
  /** Records given to the function, retries included (InvokedEventCount). */
  readonly invoked: number;
  /** Invocations and how long they took together; throttles are none. */
  readonly invocations: number;
  readonly invocationMs: number;
  /** Batches of which every record is settled. */
  readonly batches: number;
  /** Invocations that failed, in whole or in part; throttles are none. */
  readonly failures: number;
  readonly retries: number;
  readonly throttles: number;
  /** Records (OnFailureDestinationDeliveredEventCount). */
  readonly sentToDestination: number;
  /** Batches AWS takes for done though nothing says the function meant that. */
  readonly responsesNotUnderstood: number;
  readonly pollFailures: number;
  /** Of the shard that is furthest behind: the age of a batch's last record when its invocation had finished. */
  readonly iteratorAgeMs: number | null;
}

/** One object per event source, shared by its shards. */
export class Counters {
  polled = 0;
  invoked = 0;
  invocations = 0;
  invocationMs = 0;
  batches = 0;
  failures = 0;
  retries = 0;
  throttles = 0;
  sentToDestination = 0;
  responsesNotUnderstood = 0;
  pollFailures = 0;
  readonly #iteratorAgeMs = new Map<string, number>();

  setIteratorAge(shardId: string, ageMs: number): void {
    this.#iteratorAgeMs.set(shardId, ageMs);
  }

  shardFinished(shardId: string): void {
    this.#iteratorAgeMs.delete(shardId);
  }

  stats(): EventSourceStats {
    const { polled, invoked, batches, failures, retries, throttles } = this;
    const { invocations, invocationMs } = this;
    const { sentToDestination, responsesNotUnderstood, pollFailures } = this;
    const ages = [...this.#iteratorAgeMs.values()];
    const iteratorAgeMs = ages.length === 0 ? null : Math.max(...ages);
    return {
      ...{ polled, invoked, invocations, invocationMs, batches, failures, retries, throttles },
      ...{ sentToDestination, responsesNotUnderstood, pollFailures, iteratorAgeMs },
    };
  }
}
