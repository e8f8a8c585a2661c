import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Packages of CommonJS inside call `require`, which a module has not. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** Bundles a program into one file, as it is deployed; returns the file. `entry` is relative to the project. */
export async function bundle(entry: string, outDir: string): Promise<string> {
  const name = entry.replace(/\.ts$/, '').replaceAll('/', '-');
  const outfile = resolve(join(outDir, `${name}.mjs`));
  await build({
    entryPoints: [fileURLToPath(new URL(`../${entry}`, import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: 'linked',
    banner: { js: REQUIRE },
    // Optional accelerators of ws: without them it uses Node's own.
    external: ['bufferutil', 'utf-8-validate'],
    logLevel: 'silent',
  });
  return outfile;
}
