import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE = fileURLToPath(new URL(`../../node_modules/node-linux-${process.arch}/bin/node`, import.meta.url));
/** What the Dockerfile's RUN and a shell need, beside node. */
const TOOLS = ['/bin/sh', '/bin/mkdir', '/bin/chmod', '/bin/cat', '/bin/ls', '/usr/bin/id'];
const DEBIAN = 'bookworm';

/**
 * A root folder for an image that stands for the official Node image: the pinned Node of node_modules at /usr/local/bin/node.
 * host: this machine's own shell and tools with their libraries, in a second and without a network. debian: a minimal
 * Debian by debootstrap, as root, from its mirror.
 */
export function makeBaseRoot(root: string, from: 'host' | 'debian'): void {
  if (!existsSync(NODE)) throw new Error(`${NODE} is not installed; no base was made`);
  if (from === 'debian') execFileSync('debootstrap', ['--variant=minbase', DEBIAN, root], { stdio: 'inherit' });
  else TOOLS.forEach((tool) => copyWithLibraries(tool, root, tool));
  copyWithLibraries(NODE, root, '/usr/local/bin/node', from === 'debian');
  for (const folder of ['proc', 'dev', 'etc', 'var/lib', 'tmp']) mkdirSync(join(root, folder), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
  if (from === 'debian') return;
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnode:x:1000:\n');
}

/** The libraries are those of the machine it is copied from; a Debian root has its own. */
function copyWithLibraries(file: string, root: string, path: string, alone = false): void {
  copy(realpathSync(file), join(root, path));
  if (alone) return;
  const listed = execFileSync('ldd', [file], { encoding: 'utf8' });
  for (const [, library] of listed.matchAll(/(\/\S+) \(0x/g)) {
    if (library !== undefined) copy(realpathSync(library), join(root, library));
  }
}

function copy(from: string, to: string): void {
  if (existsSync(to)) return;
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
  chmodSync(to, 0o755);
}
