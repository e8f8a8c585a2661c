import { vi } from 'vitest';
import { PRINTED } from '../../support/printed-lines.ts';

export interface WrittenLine {
  readonly [field: string]: unknown;
  readonly level: string;
  readonly event: string;
}

/** Calls `take` with every line that reaches the process's stdout or stderr until the answer is called; each is held against the catalogue. */
export function tapLines(take: (line: string) => void): () => void {
  const write = (chunk: unknown): boolean => {
    PRINTED.check(String(chunk).trimEnd());
    take(String(chunk));
    return true;
  };
  const spies = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')];
  for (const spy of spies) spy.mockImplementation(write);
  return () => {
    for (const spy of spies) spy.mockRestore();
  };
}

/** The lines that reach the process's output while `work` runs. */
export function linesWritten(work: () => void): readonly WrittenLine[] {
  const lines: WrittenLine[] = [];
  const stop = tapLines((line) => lines.push(JSON.parse(line) as WrittenLine));
  try {
    work();
  } finally {
    stop();
  }
  return lines;
}
