import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pageOf } from './page.ts';
import { STORMS } from './storms.ts';

const at = (file: string): string => fileURLToPath(new URL(`../../docs/storms/${file}`, import.meta.url));

/** The path of a storm's page. */
export function pathOfPage(name: string): string {
  return at(`${name}.md`);
}

/** The page as it must be: from the lines that its storm left and from the catalogue as it is now. */
export function renderPage(name: string): string {
  const lines = readFileSync(at(`${name}.ndjson`), 'utf8')
    .split('\n')
    .slice(0, -1);
  return pageOf(name, STORMS[name]!, lines);
}

/** What the programs printed in a storm, from which its page is made. */
export function keepLines(name: string, lines: readonly string[]): void {
  writeFileSync(at(`${name}.ndjson`), lines.map((line) => `${line}\n`).join(''));
}
