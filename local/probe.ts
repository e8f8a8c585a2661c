import { join } from 'node:path';
import { FunctionProcess } from './lambda/function-process.ts';
import { LogFile } from './process/log-file.ts';
import { Schedule } from './schedule.ts';

export interface LocalProbeOptions {
  /** The bundled function. */
  readonly modulePath: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The folder that gets `probe.ndjson`. */
  readonly logs: string;
  /** As deployed where undefined: once a minute. */
  readonly everyMs: number | undefined;
}

const EVERY_MS = 60_000;
const TIMEOUT_MS = 30_000;
const MEMORY_MB = 256;
/** As EventBridge words it; nothing in it matters. */
const EVENT = { source: 'aws.events', 'detail-type': 'Scheduled Event' };

/** The probe function and the rule that calls it, on this machine. */
export class LocalProbe {
  readonly #function: FunctionProcess;
  readonly #schedule: Schedule;
  readonly #log: LogFile;

  constructor({ modulePath, environment, logs, everyMs = EVERY_MS }: LocalProbeOptions) {
    const log = new LogFile({ path: join(logs, 'probe.ndjson') });
    this.#log = log;
    this.#function = new FunctionProcess({
      functionName: 'probe',
      memoryLimitMb: MEMORY_MB,
      region: 'us-east-1',
      modulePath,
      environment,
      timeoutMs: TIMEOUT_MS,
      onLine: (line) => log.append([line]),
    });
    this.#schedule = new Schedule({ everyMs, work: () => this.#function.invoke(EVENT) });
  }

  /** Resolves when the first look has been told. */
  async start(): Promise<void> {
    await this.#schedule.start();
  }

  /** One look more, and no other by schedule. */
  async lastLook(): Promise<void> {
    await this.#schedule.stop();
    await this.#function.invoke(EVENT);
  }

  async stop(): Promise<void> {
    await this.#schedule.stop();
    await this.#function.stop();
    this.#log.close();
  }
}
