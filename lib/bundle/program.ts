import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

/** Packages of CommonJS inside call `require`, which a module has not. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** Optional accelerators of ws: without them it uses Node's own. */
const EXTERNAL = ['bufferutil', 'utf-8-validate'];

/**
 * Bundles a program into one file, `<directory>/<name>.mjs`, with everything it imports: nothing is installed where it
 * runs. `entry` is relative to the project. The same input gives the same bytes, so that an asset's hash is its content's.
 */
export function bundleProgram(entry: string, directory: string, name: string): string {
  const outfile = join(directory, `${name}.mjs`);
  buildSync({
    absWorkingDir: fileURLToPath(new URL('../../', import.meta.url)),
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
 * The folder of an asset, filled once a process whatever many stacks use it. The asset copies it into cdk.out, so it goes
 * when this process ends.
 */
export function assetDirectory(name: string, fill: (directory: string) => void): string {
  const known = directories.get(name);
  if (known !== undefined) return known;
  if (directories.size === 0) process.once('exit', removeAll);
  const directory = mkdtempSync(join(tmpdir(), 'kalshi-tape-asset-'));
  directories.set(name, directory);
  fill(directory);
  return directory;
}

function removeAll(): void {
  for (const directory of directories.values()) rmSync(directory, { recursive: true, force: true });
}
