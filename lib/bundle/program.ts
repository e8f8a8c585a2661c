import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

/** Packages of CommonJS inside call `require`, which a module has not. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** Optional accelerators of ws: without them it uses Node's own. */
const EXTERNAL = ['bufferutil', 'utf-8-validate'];

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const DIST = join(PROJECT, 'dist');
const HASH_CHARS = 16;

/**
 * Bundles a program into one file, `<directory>/<name>.mjs`, with everything it imports: nothing is installed where it
 * runs. `entry` is relative to the project. The same input gives the same bytes, so that an asset's hash is its content's.
 */
export function bundleProgram(entry: string, directory: string, name: string): string {
  const outfile = join(directory, `${name}.mjs`);
  buildSync({
    absWorkingDir: PROJECT,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Identifiers stay: a stack trace in a log must be readable without the sources.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    banner: { js: REQUIRE },
    external: EXTERNAL,
    logLevel: 'error',
  });
  return outfile;
}

const directories = new Map<string, string>();

/**
 * The folder of an asset, `dist/<name>-<hash of what it holds>`, filled once a process whatever many stacks use it. It is made
 * beside and renamed: another synth at the same time finds all of it or nothing.
 */
export function assetDirectory(name: string, fill: (directory: string) => void): string {
  const known = directories.get(name);
  if (known !== undefined) return known;
  mkdirSync(DIST, { recursive: true });
  const making = mkdtempSync(join(DIST, 'making-'));
  fill(making);
  const directory = join(DIST, `${name.replaceAll(/[^A-Za-z0-9]+/g, '-')}-${hashOf(making)}`);
  if (existsSync(directory)) rmSync(making, { recursive: true });
  else renameSync(making, directory);
  directories.set(name, directory);
  return directory;
}

function hashOf(directory: string): string {
  const hash = createHash('sha256');
  for (const file of readdirSync(directory).sort())
    hash.update(`${file}\0`).update(readFileSync(join(directory, file)));
  return hash.digest('hex').slice(0, HASH_CHARS);
}
