import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const OUTPUT_MAX_BYTES = 16 * 1_048_576;
/** The official image's, which the Dockerfile's `node` relies on. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What an image says of how it is to be started, as Docker has it. */
export interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Cmd: readonly string[];
  readonly Entrypoint?: readonly string[] | null;
  readonly WorkingDir: string;
  readonly Volumes: Readonly<Record<string, object>>;
  readonly StopSignal: string;
  readonly Healthcheck: { readonly Test: readonly string[] };
}

/** Builds images without an engine: buildah with chroot isolation and plain folders, as root, in a store of its own. */
export class Buildah {
  readonly #store: readonly string[];

  constructor(directory: string) {
    for (const folder of ['root', 'run']) mkdirSync(join(directory, folder), { recursive: true });
    this.#store = ['--storage-driver', 'vfs', '--root', join(directory, 'root'), '--runroot', join(directory, 'run')];
  }

  /** Why images cannot be built here; undefined where they can. */
  static missing(): string | undefined {
    if (process.platform !== 'linux' || process.getuid?.() !== 0)
      return 'buildah with chroot isolation needs root on Linux';
    const { error } = spawnSync('buildah', ['--version'], { stdio: 'ignore' });
    return error === undefined ? undefined : 'buildah is not installed (Debian: apt-get install buildah)';
  }

  /** An image that is nothing but this folder. */
  imageOf(root: string, name: string): void {
    const container = this.#run('from', 'scratch');
    this.#run('add', '--quiet', container, root, '/');
    this.#run('config', '--env', `PATH=${PATH}`, container);
    this.#run('commit', '--quiet', '--format', 'docker', container, name);
    this.#run('rm', container);
  }

  /** Builds a folder's Dockerfile. Throws with what buildah said. Nothing is pulled: every base must be here. */
  build(context: string, name: string, args: Readonly<Record<string, string>>): void {
    const given = Object.entries(args).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]);
    const how = ['--isolation', 'chroot', '--format', 'docker', '--pull-never', '--layers=false'];
    this.#run('bud', ...how, ...given, '-t', name, context);
  }

  config(name: string): ImageConfig {
    const { Docker } = JSON.parse(this.#run('inspect', '--type', 'image', name)) as {
      readonly Docker: { readonly config: ImageConfig };
    };
    return Docker.config;
  }

  /** A container's root folder. */
  mount(name: string): string {
    return this.#run('mount', this.#run('from', '--pull-never', name));
  }

  #run(...args: readonly string[]): string {
    const given = [...this.#store, ...args];
    return execFileSync('buildah', given, { encoding: 'utf8', maxBuffer: OUTPUT_MAX_BYTES, stdio: 'pipe' }).trim();
  }
}
