/** What a benchmark promises. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export function isMet({ value, atLeast = -Infinity, atMost = Infinity }: Bar): boolean {
  return value >= atLeast && value <= atMost;
}

export function barText(bar: Bar): string {
  const bound = bar.atLeast === undefined ? `at most ${bar.atMost ?? '-'}` : `at least ${bar.atLeast}`;
  return `  ${isMet(bar) ? 'met   ' : 'MISSED'}  ${bar.name}: ${bar.value.toFixed(3)} (${bound})\n`;
}
