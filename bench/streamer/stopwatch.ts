import type { Measured } from './messages.ts';

/** Time, processor time and memory between two frames. */
export class Stopwatch {
  #from: { readonly frame: number; readonly wall_ms: number; readonly cpu: NodeJS.CpuUsage } | undefined;

  get started(): boolean {
    return this.#from !== undefined;
  }

  /** `frame`: the last one taken. */
  start(frame: number): void {
    this.#from = { frame, wall_ms: performance.now(), cpu: process.cpuUsage() };
  }

  /** Throws where it was not started. */
  stop(frame: number): Measured {
    if (this.#from === undefined) throw new Error('the flood ended before the clock was started');
    const cpu = process.cpuUsage(this.#from.cpu);
    return {
      frames: frame - this.#from.frame,
      wall_sec: (performance.now() - this.#from.wall_ms) / 1_000,
      cpu_sec: (cpu.user + cpu.system) / 1e6,
      rss_bytes: process.memoryUsage.rss(),
    };
  }
}
