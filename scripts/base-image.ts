import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { streamerImageDirectory } from '../lib/streamer/streamer-image.ts';
import { makeBaseRoot } from './image/base-root.ts';
import { Buildah } from './image/buildah.ts';

/**
 * `node scripts/base-image.ts --store DIR [--from host|debian]`: builds the streamer's image without a Docker engine and
 * without the registry, on a base made here. DIR is buildah's store: `buildah --storage-driver vfs --root DIR/root --runroot DIR/run images`.
 */
const BASE = 'localhost/kalshi-tape-base';
const IMAGE = 'localhost/kalshi-tape-streamer';

const { values } = parseArgs({ options: { store: { type: 'string' }, from: { type: 'string', default: 'host' } } });
const missing = Buildah.missing();
const { store, from } = values;
if (store === undefined) refuse('--store names the folder of the images');
else if (from !== 'host' && from !== 'debian') refuse('--from is host or debian');
else if (missing !== undefined) refuse(missing);
else build(store, from);

function build(directory: string, from: 'host' | 'debian'): void {
  const root = mkdtempSync(join(tmpdir(), 'kalshi-tape-base-'));
  try {
    makeBaseRoot(root, from);
    const buildah = new Buildah(directory);
    buildah.imageOf(root, BASE);
    buildah.build(streamerImageDirectory(), IMAGE, { BASE_IMAGE: BASE });
    process.stdout.write(`${JSON.stringify({ image: IMAGE, config: buildah.config(IMAGE) })}\n`);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function refuse(why: string): void {
  process.stderr.write(`${why}; no image was built\n`);
  process.exitCode = 2;
}
