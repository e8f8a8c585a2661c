import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { LineSplitter } from './lines.ts';
import { LogFile } from './log-file.ts';

/** How long a dead child's pipes may stay open (a grandchild may hold them) before they are closed on our side. */
const PIPES_GRACE_MS = 1_000;
/** What is told of a program that ended before it was ready: its last lines, for there its reason stands. */
const LAST_WORDS_LINES = 12;
const LAST_WORDS_LINE_CHARS = 500;
/** Blank, or a place in a stack trace: where and not why. */
const NO_WORDS = /^\s*(?:at\s.*)?$/;
const EXIT_WITH_PARENT = fileURLToPath(new URL('./exit-with-parent.ts', import.meta.url));

export interface ProgramSpec {
  readonly name: string;
  /** What node is given: the program's path and its arguments. */
  readonly argv: readonly string[];
  /** The child's whole environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logFile: string;
  readonly logMaxBytes?: number;
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
  readonly onMessage?: (message: unknown) => void;
  /**
   * `speaks` (default): the program says `{ready: true, ...}` itself and ends when the channel closes.
   * `watched`: an unmodified program; exit-with-parent.ts is preloaded, and it is ready as soon as it runs.
   */
  readonly ipc?: 'speaks' | 'watched';
}

interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Set when the program could not be started at all. */
  readonly error?: Error;
}

export interface Child {
  readonly name: string;
  readonly pid: number | undefined;
  /** The program's own ready message; rejects if it ends before, with its last lines. Nobody has to await it. */
  readonly ready: Promise<ReadyMessage>;
  /** Resolves, never rejects, when the program has ended and its last line is in the log. */
  readonly exit: Promise<ChildExit>;
  /** To the program's whole process group. False if it has ended. */
  kill(signal: NodeJS.Signals): boolean;
  /** By IPC; a program that has ended hears nothing. */
  send(message: object): void;
  /** Lines that could not be written to the log file. */
  droppedLines(): number;
}

export interface ReadyMessage {
  readonly ready: true;
  readonly [field: string]: unknown;
}

/** Starts a program of ours in a process group of its own, with every line it prints appended to its log file. */
export function spawnProgram(spec: ProgramSpec): Child {
  const watched = spec.ipc === 'watched';
  const child = spawn(process.execPath, [...(watched ? ['--import', EXIT_WITH_PARENT] : []), ...spec.argv], {
    env: { ...spec.env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const log = new LogFile({
    path: spec.logFile,
    ...(spec.logMaxBytes !== undefined && { maxBytes: spec.logMaxBytes }),
  });
  const lastWords: string[] = [];
  const onLine = (line: string, stream: 'stdout' | 'stderr'): void => {
    if (!NO_WORDS.test(line)) lastWords.push(line.slice(0, LAST_WORDS_LINE_CHARS));
    if (lastWords.length > LAST_WORDS_LINES) lastWords.shift();
    spec.onLine?.(line, stream);
  };
  follow(child, 'stdout', log, onLine);
  follow(child, 'stderr', log, onLine);
  if (spec.onMessage !== undefined) child.on('message', spec.onMessage);

  const exit = exitOf(child).finally(() => log.close());
  const ready = readyOf(child, watched, exit, spec.name, lastWords);
  ready.catch(() => undefined);
  return {
    name: spec.name,
    pid: child.pid,
    ready,
    exit,
    kill: (signal) => killGroup(child, signal),
    send: (message) => {
      if (child.connected) child.send(message, () => undefined);
    },
    droppedLines: () => log.droppedLines,
  };
}

/** Signals a detached child and whatever it started; false if it has ended or never ran. */
export function killGroup(child: ChildProcess, signal: NodeJS.Signals): boolean {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return false;
  try {
    return process.kill(-child.pid, signal);
  } catch {
    return child.kill(signal);
  }
}

function follow(
  child: ChildProcess,
  name: 'stdout' | 'stderr',
  log: LogFile,
  onLine: Required<ProgramSpec>['onLine'],
): void {
  const splitter = new LineSplitter();
  const take = (lines: readonly string[]): void => {
    log.append(lines);
    for (const line of lines) onLine(line, name);
  };
  child[name]?.on('data', (chunk: Buffer) => take(splitter.push(chunk)));
  child[name]?.on('close', () => take(splitter.end()));
  child[name]?.on('error', () => undefined);
}

function exitOf(child: ChildProcess): Promise<ChildExit> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, error });
    });
    child.once('exit', () => {
      const grace = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, PIPES_GRACE_MS);
      child.once('close', () => clearTimeout(grace));
    });
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}

function readyOf(
  child: ChildProcess,
  watched: boolean,
  exit: Promise<ChildExit>,
  name: string,
  lastWords: readonly string[],
): Promise<ReadyMessage> {
  return new Promise((resolve, reject) => {
    if (watched) child.once('spawn', () => resolve({ ready: true }));
    child.on('message', (message) => {
      if (isReady(message)) resolve(message);
    });
    void exit.then(({ code, signal, error }) => {
      const how = `${name} ended before it was ready (${String(signal ?? code)})`;
      reject(new Error([how, ...lastWords].join('\n  '), { cause: error }));
    });
  });
}

function isReady(message: unknown): message is ReadyMessage {
  return typeof message === 'object' && message !== null && 'ready' in message && message.ready === true;
}
