import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { renderGuide } from '../core/logging/guide.ts';

/** Writes the derived parts of LOGGING_GUIDE.md; with `--check` it writes nothing and ends 1 where they are not up to date. */
const path = fileURLToPath(new URL('../LOGGING_GUIDE.md', import.meta.url));
const text = readFileSync(path, 'utf8');
const rendered = renderGuide(text);

if (process.argv.includes('--check')) {
  if (rendered !== text) {
    process.stderr.write('LOGGING_GUIDE.md is not what the catalogue says: run npm run docs\n');
    process.exitCode = 1;
  }
} else {
  writeFileSync(path, rendered);
}
