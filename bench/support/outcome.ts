import type { Bar } from './bars.ts';

/** What a benchmark hands back: text for people, numbers for machines, and the bars it is held to. */
export interface Outcome {
  readonly text: string;
  readonly numbers: Readonly<Record<string, unknown>>;
  readonly bars: readonly Bar[];
}

/** Says something while the benchmark runs. */
export type Say = (line: string) => void;
