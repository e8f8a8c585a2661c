import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { pageOf } from './storms/page.ts';
import { STORMS } from './storms/storms.ts';
import { Workshop } from './storms/workshop.ts';

/** `node scripts/storm-transcripts.ts [name …]`: lets the storms rage over the real programs and writes docs/storms/<name>.md. */

const PAGES = fileURLToPath(new URL('../docs/storms/', import.meta.url));
const EXIT_USAGE = 2;

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(STORMS);
const unknown = names.filter((name) => !Object.hasOwn(STORMS, name));
if (unknown.length > 0) {
  process.stderr.write(
    `no such storm: ${unknown.join(', ')}; nothing was written. Storms: ${Object.keys(STORMS).join(', ')}\n`,
  );
  process.exitCode = EXIT_USAGE;
} else {
  await mkdir(PAGES, { recursive: true });
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
  await writeFile(`${PAGES}${name}.md`, pageOf(name, storm, workshop.lines));
  process.stdout.write(`docs/storms/${name}.md: from ${workshop.lines.length} lines\n`);
}
