import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { LogLine } from '../../support/streamer.ts';

const WAIT_MAX_MS = 20_000;
const POLL_MS = 5;

export interface Containment {
  /** The program and its arguments. */
  readonly argv: readonly string[];
  /** All that it gets. */
  readonly env: Readonly<Record<string, string>>;
  /** An image's root: mounted read-only but for a fresh `writable` folder, which takes over its owner. Absent: this machine's. */
  readonly image?: {
    readonly root: string;
    readonly user: string;
    readonly directory: string;
    readonly writable: string;
  };
}

/** Why programs cannot be contained here; undefined where they can. */
export function containmentMissing(): string | undefined {
  const flags = ['--mount', '--pid', '--fork', 'true'];
  if (spawnSync('unshare', flags, { stdio: 'ignore' }).status === 0) return undefined;
  return 'unshare may make no namespaces here (it needs root, or user namespaces)';
}

/** A program as number 1 of a process namespace of its own, as in a container without an init process, and what it logged. */
export class Contained {
  readonly lines: LogLine[] = [];
  readonly stderr: string[] = [];
  /** Its exit code, or the signal that ended it. */
  readonly exit: Promise<number | string>;
  readonly #child: ChildProcess;
  #ended: number | string | undefined;

  constructor({ argv, env, image }: Containment) {
    const inside =
      image === undefined
        ? argv
        : ['sh', '-c', MOUNTS, 'sh', image.root, image.writable, image.user, image.directory, ...argv];
    const namespaces = ['--mount', '--pid', '--fork', '--kill-child', ...(image === undefined ? ['--mount-proc'] : [])];
    this.#child = spawn('unshare', [...namespaces, '--', ...inside], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    createInterface(this.#child.stdout!).on('line', (line) => this.lines.push(JSON.parse(line) as LogLine));
    createInterface(this.#child.stderr!).on('line', (line) => this.stderr.push(line));
    this.exit = new Promise((resolve) =>
      this.#child.once('close', (code, signal) => {
        this.#ended = code ?? signal!;
        resolve(this.#ended);
      }),
    );
  }

  events(name: string): LogLine[] {
    return this.lines.filter(({ event }) => event === name);
  }

  async until(holds: () => boolean, what: string): Promise<void> {
    const end = Date.now() + WAIT_MAX_MS;
    while (!holds()) {
      if (Date.now() > end || this.#ended !== undefined) {
        const story = [...this.lines.slice(-15).map((line) => JSON.stringify(line)), ...this.stderr.slice(-10)];
        throw new Error(`did not come (ended: ${String(this.#ended)}): ${what}\n${story.join('\n')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** As this machine numbers it. */
  get pid(): number {
    const children = readFileSync(`/proc/${this.#child.pid}/task/${this.#child.pid}/children`, 'utf8').trim();
    return Number(children.split(' ')[0]);
  }

  kill(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /** Another program in its place: the same root and folder, the same user. */
  run(
    argv: readonly string[],
    env: Readonly<Record<string, string>>,
    user = '1000',
  ): { status: number; stderr: string } {
    const enter = ['-t', String(this.pid), '-m', '-p', '-r', '-w', '-S', user, '-G', user, '--', ...argv];
    const PATH = `${process.env['PATH'] ?? ''}:/usr/local/bin`;
    const { status, stderr, error } = spawnSync('nsenter', enter, { env: { ...env, PATH }, encoding: 'utf8' });
    if (error !== undefined) throw error;
    return { status: status ?? -1, stderr };
  }

  /** Kills it if it still runs. */
  async end(): Promise<void> {
    // Not unshare: what it started changed its user since, and then no longer dies with it.
    if (this.#ended === undefined) this.kill('SIGKILL');
    await this.exit;
  }
}

/** $1 root, $2 writable, $3 user, $4 directory, then the program. Every mount is gone with the namespace. */
const MOUNTS = `set -e
root=$1 writable=$2 user=$3 directory=$4; shift 4
owner=$(stat -c 'uid=%u,gid=%g,mode=%a' "$root$writable")
mount --bind "$root" "$root"
mount -t tmpfs -o "$owner" tmpfs "$root$writable"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -o remount,bind,ro "$root"
# The shell becomes the program: it stays number 1.
exec chroot --userspec="$user" "$root" /bin/sh -c 'cd "$0" && exec "$@"' "$directory" "$@"`;
