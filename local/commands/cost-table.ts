import type { CommandPorts } from './command.ts';
import { DONE } from './command.ts';
import { type Cost, costOf } from './cost.ts';
import { MEASURED } from './measured.ts';
import { PRICES_AS_OF } from './prices.ts';
import { resourcesOf } from './template-resources.ts';

/** Rates for which there are measurements. */
export const COST_RATES: readonly number[] = Object.keys(MEASURED).map(Number);

/** What a stage costs a month at each rate; `templates`: the stage as it is synthesized for each of COST_RATES. */
export function printCost(stage: string, templates: readonly unknown[], { out }: Pick<CommandPorts, 'out'>): number {
  const costs = COST_RATES.map((messagesPerSec, index): Cost => {
    return costOf(resourcesOf(templates[index]), { messagesPerSec, measured: MEASURED[messagesPerSec]! });
  });
  out(`The stage ${stage}, dollars a month (${PRICES_AS_OF})`);
  for (const line of tableOf(costs)) out(line);
  out('Without: data transfer to the internet, ClickHouse itself unless it is made here, e-mails, support, tax.');
  const unpriced = [...new Set(costs.flatMap((cost) => cost.unpriced))];
  if (unpriced.length > 0) out(`Not in the sum, no price is known: ${unpriced.join(', ')}`);
  return DONE;
}

function tableOf(costs: readonly Cost[]): readonly string[] {
  // One that differs by the rate in its name (shards) is one row all the same.
  const kinds = [...new Set(costs.flatMap(({ items }) => items.map(({ item }) => kindOf(item))))];
  const rows = kinds.map((kind) => {
    const found = costs.map(({ items }) => items.filter(({ item }) => kindOf(item) === kind));
    const names = [...new Set(found.flatMap((items) => items.map(({ item }) => item)))];
    return [
      names.join(' | '),
      ...found.map((items) => items.reduce((total, { dollars }) => total + dollars, 0).toFixed(2)),
    ];
  });
  const totals = costs.map(({ items }) => items.reduce((total, { dollars }) => total + dollars, 0).toFixed(2));
  const all = [
    ['messages per second', ...COST_RATES.map((rate) => rate.toLocaleString('en'))],
    ...rows,
    ['sum', ...totals],
  ];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const lines = all.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
  );
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [lines[0]!, rule, ...lines.slice(1, -1), rule, lines.at(-1)!];
}

function kindOf(item: string): string {
  return item.replace(/\d+/g, '#');
}
