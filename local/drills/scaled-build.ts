import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { SCALE } from './scale.ts';

/** The bounds of the programs that are spans and no setting: a drill's build has them in its own time. */
const SPANS: readonly { readonly file: string; readonly text: string; readonly scaled: string }[] = [
  { file: 'functions/sink/summary.ts', text: 'SUMMARY_EVERY_SEC = 30;', scaled: `SUMMARY_EVERY_SEC = ${30 / SCALE};` },
  { file: 'functions/sink/repeats.ts', text: 'REPEAT_EVERY_SEC = 30;', scaled: `REPEAT_EVERY_SEC = ${30 / SCALE};` },
  { file: 'functions/probe/questions.ts', text: 'WINDOW_SEC = 300;', scaled: `WINDOW_SEC = ${300 / SCALE};` },
  { file: 'core/logging/gate.ts', text: 'MINUTE_MS = 60_000;', scaled: `MINUTE_MS = ${60_000 / SCALE};` },
];
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Bundles a program as it is deployed, but for the spans above. Throws where a span is not written as it is known here. */
export async function scaledBuild(entry: string, outDir: string): Promise<string> {
  const outfile = resolve(join(outDir, `${entry.replace(/\.ts$/, '').replaceAll('/', '-')}.mjs`));
  await build({
    entryPoints: [at(entry)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minifySyntax: true,
    minifyWhitespace: true,
    banner: { js: REQUIRE },
    external: ['bufferutil', 'utf-8-validate'],
    logLevel: 'silent',
    plugins: [spans],
  });
  return outfile;
}

const spans: Plugin = {
  name: 'spans',
  setup(all) {
    for (const { file, text, scaled } of SPANS) {
      const filter = new RegExp(`${at(file).replaceAll('.', '\\.')}$`);
      all.onLoad({ filter }, async ({ path }) => {
        const source = await readFile(path, 'utf8');
        if (!source.includes(text)) throw new Error(`${file} does not say "${text}"; no drill was built`);
        return { contents: source.replace(text, scaled), loader: 'ts' };
      });
    }
  },
};
