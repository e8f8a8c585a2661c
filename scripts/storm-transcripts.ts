import { writeFileSync } from 'node:fs';
import { keepLines, pathOfPage, renderPage } from './storms/pages.ts';
import { STORMS } from './storms/storms.ts';
import { Workshop } from './storms/workshop.ts';

/**
 * `node scripts/storm-transcripts.ts [name …]`: lets the storms rage over the real programs and writes what they printed
 * (docs/storms/<name>.ndjson) and its page (<name>.md). `npm run docs` makes the pages again from the lines.
 */

const EXIT_USAGE = 2;

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(STORMS);
const unknown = names.filter((name) => !Object.hasOwn(STORMS, name));
if (unknown.length > 0) {
  process.stderr.write(
    `no such storm: ${unknown.join(', ')}; nothing was written. Storms: ${Object.keys(STORMS).join(', ')}\n`,
  );
  process.exitCode = EXIT_USAGE;
} else {
  for (const name of names) await write(name);
}

async function write(name: string): Promise<void> {
  const storm = STORMS[name]!;
  const workshop = await Workshop.open(storm.exchange ?? {});
  try {
    await storm.rage(workshop);
  } finally {
    await workshop.close();
  }
  keepLines(name, workshop.lines);
  writeFileSync(pathOfPage(name), renderPage(name));
  process.stdout.write(`docs/storms/${name}.md: from ${workshop.lines.length} lines\n`);
}
