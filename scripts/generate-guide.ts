import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderGuide } from '../core/logging/guide.ts';
import { pathOfPage, renderPage } from './storms/pages.ts';
import { STORMS } from './storms/storms.ts';

/**
 * Writes what is derived from the catalogue: the parts of LOGGING_GUIDE.md between markers, and the pages of docs/storms.
 * With `--check` it writes nothing and ends 1 where they are not up to date.
 */
const GUIDE = at('LOGGING_GUIDE.md');
const documents = [
  { path: GUIDE, rendered: renderGuide(readFileSync(GUIDE, 'utf8')) },
  ...Object.keys(STORMS).map((name) => ({ path: pathOfPage(name), rendered: renderPage(name) })),
];

for (const { path, rendered } of documents) {
  if (!process.argv.includes('--check')) {
    writeFileSync(path, rendered);
  } else if (readFileSync(path, 'utf8') !== rendered) {
    process.stderr.write(`${relative(at('.'), path)} is not what the catalogue says: run npm run docs\n`);
    process.exitCode = 1;
  }
}

function at(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}
