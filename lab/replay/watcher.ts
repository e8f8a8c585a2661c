import { type CompiledAlarm, compileAlarm } from '../alarms/compile.ts';
import { type CompiledComposite, compileComposites, evaluateComposite } from '../alarms/composites.ts';
import { AlarmError, type CompositeAlarm, type MetricAlarm } from '../alarms/definition.ts';
import { evaluateAlarm, type EvaluationOptions } from '../alarms/evaluate.ts';
import { MINUTE_MS } from '../alarms/schedule.ts';
import { type AlarmState, INITIAL_STATE } from '../alarms/state.ts';
import { MetricStore, type MetricId, type Sample } from '../metrics/series.ts';
import { TemplateError, type TemplateFault } from '../template/error.ts';
import type { LabTemplate } from '../template/read-template.ts';
import { Ingest, type LogLine } from './ingest.ts';
import { Teller } from './teller.ts';
import type { MetricSummary, Notification, Timeline, Transition } from './timeline.ts';

export interface WatcherOptions extends EvaluationOptions {
  readonly template: LabTemplate;
  /** The clock at the beginning, milliseconds since 1970: the first evaluation is after it. What is older is data all the same. */
  readonly from_ms: number;
  /** How often alarms of standard resolution are evaluated; divides a minute. CloudWatch: every minute. */
  readonly stepMs?: number;
}

interface Change {
  readonly alarm: MetricAlarm | CompositeAlarm;
  readonly from: AlarmState;
  readonly to: AlarmState;
  readonly reason: string;
}

/**
 * Alarms over virtual time. Lines and samples may come in any order and before or after the clock passed them; an
 * evaluation sees what had been given when it was made. Nothing here knows the real time.
 */
export class Watcher {
  readonly #options: WatcherOptions;
  readonly #store = new MetricStore();
  readonly #ingest: Ingest;
  readonly #alarms: readonly CompiledAlarm[];
  readonly #composites: readonly CompiledComposite[];
  readonly #states = new Map<string, AlarmState>();
  readonly #teller: Teller;
  readonly #transitions: Transition[] = [];
  readonly #step_ms: number;
  /** The shortest span between two evaluations of any alarm. */
  readonly #tick_ms: number;
  #now_ms: number;
  #lines = 0;

  /** Throws TemplateError: everything of the template that CloudWatch would refuse or that is not evaluated here. */
  constructor(options: WatcherOptions) {
    const { template, from_ms, stepMs = MINUTE_MS } = options;
    if (!(stepMs > 0) || MINUTE_MS % stepMs !== 0)
      throw new RangeError(`stepMs must divide a minute, it is ${stepMs}; nothing is watched`);
    this.#options = options;
    this.#step_ms = stepMs;
    this.#now_ms = from_ms;
    this.#ingest = new Ingest(template, this.#store);
    this.#alarms = compileAll(template.alarms, this.#store);
    this.#tick_ms = Math.min(stepMs, ...this.#alarms.map(({ step_ms }) => step_ms));
    this.#composites = refusing(() => compileComposites(template.composites, template.alarms));
    for (const { name } of [...template.alarms, ...template.composites]) this.#states.set(name, INITIAL_STATE);
    this.#teller = new Teller(this.#composites);
  }

  get now_ms(): number {
    return this.#now_ms;
  }

  get notifications(): readonly Notification[] {
    return this.#teller.notifications;
  }

  line(line: LogLine): void {
    this.#lines++;
    this.#ingest.line(line);
  }

  sample({ id, sample }: { readonly id: MetricId; readonly sample: Sample }): void {
    this.#store.put(id, sample);
  }

  stateOf(alarm: string): AlarmState {
    const state = this.#states.get(alarm);
    if (state === undefined) throw new AlarmError(alarm, 'there is no such alarm');
    return state;
  }

  /** Evaluates what is due until `to_ms`, that instant included; says which alarms changed. Time never goes back. */
  advance(to_ms: number): Transition[] {
    const before = this.#transitions.length;
    for (let next = this.#next(); next <= to_ms; next = this.#next()) this.#evaluate(next);
    this.#now_ms = Math.max(this.#now_ms, to_ms);
    return this.#transitions.slice(before);
  }

  /** Everything so far. */
  timeline(): Timeline {
    const { from_ms, template } = this.#options;
    return {
      from_ms,
      to_ms: this.#now_ms,
      lines: this.#lines,
      transitions: [...this.#transitions],
      notifications: [...this.#teller.notifications],
      states: Object.fromEntries(this.#states),
      metrics: this.#store.metrics().map((id) => this.#summary(id)),
      notes: [
        ...template.notes,
        ...this.#alarms.flatMap(({ alarm, notes }) => notes.map((note) => `${alarm.name}: ${note}`)),
      ],
    };
  }

  #next(): number {
    const tick = (Math.floor(this.#now_ms / this.#tick_ms) + 1) * this.#tick_ms;
    return Math.min(tick, this.#teller.deadline_ms ?? tick);
  }

  #evaluate(at_ms: number): void {
    this.#now_ms = at_ms;
    const stateOf = (name: string): AlarmState => this.stateOf(name);
    const changes: Change[] = [];
    const take = ({ alarm }: CompiledAlarm | CompiledComposite, to: AlarmState, reason: string): void => {
      const from = stateOf(alarm.name);
      if (from === to) return;
      this.#states.set(alarm.name, to);
      changes.push({ alarm, from, to, reason });
    };
    for (const compiled of this.#alarms) {
      const step_ms = compiled.step_ms === MINUTE_MS ? this.#step_ms : compiled.step_ms;
      if (at_ms % step_ms !== 0) continue;
      const { state, reason } = evaluateAlarm(
        compiled,
        this.#store,
        at_ms,
        stateOf(compiled.alarm.name),
        this.#options,
      );
      take(compiled, state, reason);
    }
    for (const composite of this.#composites) {
      const { state, reason } = evaluateComposite(composite, stateOf);
      take(composite, state, reason);
    }
    // a suppressor may be any alarm, so nobody is told before all states are known
    for (const { alarm, from, to, reason } of changes) {
      const told = this.#teller.changed(alarm, { ts_ms: at_ms, to, reason }, stateOf);
      this.#transitions.push({ ts_ms: at_ms, alarm: alarm.name, kind: alarm.kind, from, to, reason, ...told });
    }
    this.#teller.settle(at_ms, stateOf);
  }

  #summary(id: MetricId): MetricSummary {
    const from = this.#store.firstTs(id) ?? 0;
    const to = (this.#store.lastTs(id) ?? 0) + 1;
    const statistic = (stat: string): number => this.#store.statistic(id, stat, from, to) ?? 0;
    const samples = this.#store.sampleCount(id, from, to);
    return { id, samples, sum: statistic('Sum'), minimum: statistic('Minimum'), maximum: statistic('Maximum') };
  }
}

function compileAll(alarms: readonly MetricAlarm[], store: MetricStore): CompiledAlarm[] {
  const faults: TemplateFault[] = [];
  const compiled = alarms.flatMap((alarm) => {
    try {
      const one = compileAlarm(alarm);
      // an unknown statistic is known before the first evaluation
      for (const { metric, stat } of one.metrics) store.statistic(metric, stat, 0, 0);
      return [one];
    } catch (error) {
      faults.push(faultOf(alarm.name, error));
      return [];
    }
  });
  if (faults.length > 0) throw new TemplateError(faults);
  return compiled;
}

function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof AlarmError) throw new TemplateError([faultOf(error.alarm, error)]);
    throw error;
  }
}

function faultOf(alarm: string, error: unknown): TemplateFault {
  return { logicalId: alarm, property: '', problem: error instanceof Error ? error.message : String(error) };
}
