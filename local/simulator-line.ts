/** What the simulator counts; see exchange/server.ts. */
export interface SimulatorStats {
  readonly frames: number;
  readonly replayFrames: number;
  readonly replayed: number;
  readonly replayDone: boolean;
}

/** The simulator's book of a market: [price in 1e-4 dollars, count in 1e-2 contracts] levels, ascending. */
export interface SimulatorBook {
  readonly yes: readonly (readonly [number, number])[];
  readonly no: readonly (readonly [number, number])[];
}

const ANSWER_TIMEOUT_MS = 2_000;

/** Questions to the simulator over IPC. Its answers name what was asked and come in order. */
export class SimulatorLine {
  readonly #waiting = new Map<string, ((answer: unknown) => void)[]>();
  #send: (message: object) => void = () => undefined;

  connect(send: (message: object) => void): void {
    this.#send = send;
  }

  /** A message of the simulator's. */
  take(message: unknown): void {
    if (typeof message !== 'object' || message === null) return;
    for (const [name, answer] of Object.entries(message)) this.#waiting.get(name)?.shift()?.(answer);
  }

  stats(): Promise<SimulatorStats | undefined> {
    return this.#ask('stats', { stats: true }) as Promise<SimulatorStats | undefined>;
  }

  truth(ticker: string): Promise<SimulatorBook | null | undefined> {
    return this.#ask('truth', { truth: ticker }) as Promise<SimulatorBook | null | undefined>;
  }

  /** A command whose answer nobody needs: a fault, the feed. */
  tell(message: object): void {
    this.#send(message);
  }

  /** Undefined: no answer in time. */
  #ask(name: string, message: object): Promise<unknown> {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const timer = setTimeout(() => resolve(undefined), ANSWER_TIMEOUT_MS);
    this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), resolve]);
    this.#send(message);
    return promise.finally(() => clearTimeout(timer));
  }
}
