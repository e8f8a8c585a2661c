import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { GENERATIONS } from '../../ecs/log/generations.ts';
import { LineSplitter } from '../../local/process/lines.ts';
import { sequenceViolations, violationsOf } from './catalogue.ts';

/** Our programs, as sources and as `local/bundle.ts` names them: what else a test starts may print what it likes. */
const PROGRAMS = [
  /\becs[/-]main\.(ts|mjs)$/,
  /\bfunctions[/-](sink|probe|notify)[/-]handler\.(ts|mjs)$/,
  // The streamer as its image names it.
  /\/streamer\.mjs$/,
] as const;
/** The whole local stack in a process of its own, whose children print into files. */
const STACK = /\blocal\/start\.ts$/;
const STACK_LOGS = ['streamer', 'sink', 'probe'] as const;
/** Violations that are told; a program that is wrong is wrong in each line. */
const MAX_TOLD = 20;

/**
 * Every line that our programs print in this process's children, whoever started them and whoever else reads them: Node
 * announces each child on a channel, and its pipes have room for one more listener. What was given elsewhere than to a
 * pipe (a file, a full disk) is not seen here.
 */
export class PrintedLines {
  #violations: string[] = [];
  #lines = 0;
  readonly #heard = ({ process }: { readonly process: ChildProcess }): void => {
    // Announced before it is started: its arguments and pipes are there in a moment, and no byte has come yet.
    queueMicrotask(() => this.#follow(process));
  };

  /** Listens from now on. */
  start(): void {
    subscribe('child_process', this.#heard as (message: unknown) => void);
  }

  stop(): void {
    unsubscribe('child_process', this.#heard as (message: unknown) => void);
  }

  /** Lines seen so far. */
  get lines(): number {
    return this.#lines;
  }

  /** The lines of a log file and of what it was before it rotated; nothing where there is none. */
  checkFile(path: string): void {
    const paths = [path, ...Array.from({ length: GENERATIONS - 1 }, (_, index) => `${path}.${index + 1}`)];
    // The last piece is no line: it is empty, or the program was killed while it wrote it.
    for (const line of paths.flatMap((file) => textOf(file).split('\n').slice(0, -1))) this.check(line);
  }

  /** What was wrong since it was last asked. */
  takeViolations(): readonly string[] {
    const taken = this.#violations;
    this.#violations = [];
    return taken;
  }

  #follow(child: ChildProcess): void {
    if (child.spawnargs.some((argument) => STACK.test(argument))) {
      const directory = child.spawnargs[child.spawnargs.indexOf('--data') + 1]!;
      for (const name of STACK_LOGS) {
        child.once('close', () => this.checkFile(`${directory}/logs/${name}.ndjson`));
      }
      return;
    }
    const program = child.spawnargs.find((argument) => PROGRAMS.some((pattern) => pattern.test(argument)));
    if (program === undefined) return;
    const stdout: string[] = [];
    this.#read(child.stdout, (line) => {
      if (line.includes('"log_seq"')) stdout.push(line);
      this.check(line);
    });
    // Powertools writes WARN and above there; in CloudWatch both are one stream.
    this.#read(child.stderr, (line) => this.check(line));
    child.once('close', () => this.#note(sequenceViolations(stdout), program));
  }

  #read(stream: Readable | null, take: (line: string) => void): void {
    const splitter = new LineSplitter();
    // What a killed program had not ended is no line: `end` of the splitter is not asked.
    stream?.on('data', (chunk: Buffer | string) => splitter.push(Buffer.from(chunk as string)).forEach(take));
  }

  /** A line that one of our programs, or its code in this process, printed. */
  check(line: string): void {
    this.#lines++;
    this.#note(violationsOf(line), line);
  }

  #note(violations: readonly string[], where: string): void {
    if (violations.length === 0 || this.#violations.length >= MAX_TOLD) return;
    this.#violations.push(`${violations.join('; ')}: ${where}`);
  }
}

/** One for each worker of vitest: `check-lines.ts` asks it after each test. */
export const PRINTED = new PrintedLines();

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
