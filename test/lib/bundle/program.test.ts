import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleProgram } from '../../../lib/bundle/program.ts';
import { bundle as localBundle } from '../../../local/bundle.ts';

const PROGRAMS = [
  'ecs/main.ts',
  'ecs/health.ts',
  'functions/sink/handler.ts',
  'functions/probe/handler.ts',
  'functions/notify/handler.ts',
];
const FUNCTION_MAX_BYTES = 1_000_000;
const PACKAGE = /node_modules\/((?:@[^/]+\/)?[^/]+)\//;

const { dependencies, devDependencies } = JSON.parse(
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
) as { readonly dependencies: object; readonly devDependencies: object };

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'bundle-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe.each(PROGRAMS)('the deployed bundle of %s', (entry) => {
  test('is the same bytes every time, so that nothing is deployed that did not change', () => {
    const once = readFileSync(bundleProgram(entry, directory, 'once'), 'utf8');
    expect(readFileSync(bundleProgram(entry, directory, 'again'), 'utf8')).toBe(once);
  });

  test('holds no development dependency and needs no package where it runs', async () => {
    const { metafile } = await build({
      entryPoints: [entry],
      bundle: true,
      platform: 'node',
      format: 'esm',
      write: false,
      metafile: true,
      external: ['bufferutil', 'utf-8-validate'],
      logLevel: 'silent',
    });
    const packages = new Set(Object.keys(metafile.inputs).map((path) => PACKAGE.exec(path)?.[1]));
    const development = Object.keys(devDependencies).filter((name) => !(name in dependencies));
    expect(development.filter((name) => packages.has(name))).toEqual([]);
    const left = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
    const optional = ['bufferutil', 'utf-8-validate'];
    expect(left.filter((path) => !isBuiltIn(path) && !optional.includes(path))).toEqual([]);
  });

  test('does what the local stack’s bundle does: it is made from the same sources in the same way', async () => {
    const local = readFileSync(await localBundle(entry, directory), 'utf8');
    const deployed = readFileSync(bundleProgram(entry, directory, 'deployed'), 'utf8');
    expect(withoutComments(deployed)).toBe(withoutComments(local));
  });
});

test.each(['functions/sink/handler.ts', 'functions/probe/handler.ts'])(
  '%s is below a megabyte: it starts at once',
  (entry) => {
    expect(readFileSync(bundleProgram(entry, directory, 'sized')).length).toBeLessThan(FUNCTION_MAX_BYTES);
  },
);

function isBuiltIn(path: string): boolean {
  return process.getBuiltinModule(path) !== undefined;
}

/** Licences and the name of the source map, which only one of them has. */
function withoutComments(text: string): string {
  return text
    .replace(/\/\*![\s\S]*?\*\//g, '')
    .replace(/\/\/# sourceMappingURL.*|\/\*! For license.*\*\//g, '')
    .replace(/\n+/g, '\n')
    .trim();
}
