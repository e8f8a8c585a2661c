import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PRINTED } from './printed-lines.ts';

const PROGRAM = fileURLToPath(new URL('../../ecs/main.ts', import.meta.url));
const WAIT_MAX_MS = 15_000;
const POLL_MS = 5;

export interface LogLine {
  readonly event: string;
  readonly level: string;
  readonly [field: string]: unknown;
}

/** The real streamer as a child process, and what it logged. */
export class StreamerProcess {
  readonly lines: LogLine[] = [];
  readonly stderr: string[] = [];
  /** Its exit code, or the signal that ended it. */
  readonly exit: Promise<number | NodeJS.Signals>;
  readonly #child: ChildProcess;
  readonly #logFile: string | undefined;
  #ended: number | NodeJS.Signals | undefined;

  /** `env` is all that it gets, beside what the AWS SDK asks for. */
  constructor(env: Readonly<Record<string, string>>) {
    this.#logFile = env['LOG_FILE'];
    this.#child = spawn(process.execPath, [PROGRAM], {
      env: { PATH: process.env['PATH'], AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', ...env },
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

  /** The `count`th such event, once it was logged. */
  async event(name: string, where: (line: LogLine) => boolean = () => true, count = 1): Promise<LogLine> {
    await this.until(() => this.events(name).filter(where).length >= count, `event ${name}`);
    return this.events(name).filter(where)[count - 1]!;
  }

  async until(holds: () => boolean, what: string): Promise<void> {
    const end = Date.now() + WAIT_MAX_MS;
    while (!holds()) {
      if (Date.now() > end) throw new Error(`did not come: ${what}\n${this.#story()}`);
      if (this.#ended !== undefined && !holds())
        throw new Error(`it ended (${this.#ended}) before: ${what}\n${this.#story()}`);
      await passing(POLL_MS);
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Kills it if it still runs. Its log file, if it has one, is held against the catalogue as its stdout is. */
  async end(): Promise<void> {
    if (this.#ended === undefined) this.kill('SIGKILL');
    await this.exit;
    if (this.#logFile !== undefined) PRINTED.checkFile(this.#logFile);
  }

  #story(): string {
    return [...this.lines.slice(-15).map((line) => JSON.stringify(line)), ...this.stderr.slice(-10)].join('\n');
  }
}

async function passing(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
