import { readEmf } from '../metrics/emf.ts';
import { compileMetricFilter, type Emitted, type LogEvent } from '../metrics/metric-filter.ts';
import type { MetricId, MetricStore } from '../metrics/series.ts';
import { TemplateError, type TemplateFault } from '../template/error.ts';
import type { FilterOfTemplate, LabTemplate } from '../template/read-template.ts';

/** One line of a log. Without a group it is taken as if it stood in a group that has every filter. */
export interface LogLine {
  readonly log_group?: string;
  /** When it was logged, milliseconds since 1970. */
  readonly ts_ms: number;
  readonly message: string;
}

type Emit = (event: LogEvent) => Emitted | undefined;

const AWS_LOGS = 'AWS/Logs';

/** Makes metrics of lines: metric filters, embedded metrics, and what CloudWatch Logs counts by itself. */
export class Ingest {
  readonly #store: MetricStore;
  readonly #groups = new Map<string, readonly Emit[]>();
  readonly #everything: readonly Emit[];

  /** Throws TemplateError with every filter that CloudWatch would refuse. */
  constructor(template: LabTemplate, store: MetricStore) {
    this.#store = store;
    const compiled = compileAll(template.metricFilters);
    for (const { name } of template.logGroups) this.#groups.set(name, []);
    for (const { logGroup } of template.metricFilters) {
      const own = compiled.filter(({ filter }) => filter.logGroup === logGroup);
      this.#groups.set(
        logGroup,
        own.map(({ emit }) => emit),
      );
    }
    // the same filter on several groups must not count one line several times
    const distinct = new Map(compiled.map(({ filter, emit }) => [sameness(filter), emit]));
    this.#everything = [...distinct.values()];
  }

  line({ log_group, ts_ms, message }: LogLine): void {
    const groups = log_group === undefined ? [...this.#groups.keys()] : [log_group];
    const filters = log_group === undefined ? this.#everything : (this.#groups.get(log_group) ?? []);
    for (const emit of filters) this.#put(emit({ timestamp_ms: ts_ms, message }));

    const emf = readEmf(message, ts_ms);
    for (const emitted of emf.emitted) this.#put(emitted);
    const count = (name: string, value: number): void => {
      if (value === 0) return;
      for (const dimensions of [{}, ...groups.map((LogGroupName) => ({ LogGroupName }))])
        this.#store.put({ namespace: AWS_LOGS, name, dimensions }, { ts_ms, value });
    };
    count('IncomingLogEvents', 1);
    count('IncomingBytes', Buffer.byteLength(message));
    count('EMFParsingErrors', emf.parsingErrors);
    count('EMFValidationErrors', emf.validationErrors);
  }

  #put(emitted: { id: MetricId; sample: Emitted['sample'] } | undefined): void {
    if (emitted !== undefined) this.#store.put(emitted.id, emitted.sample);
  }
}

function compileAll(filters: readonly FilterOfTemplate[]): { filter: FilterOfTemplate; emit: Emit }[] {
  const faults: TemplateFault[] = [];
  const compiled = filters.flatMap((filter) => {
    try {
      return [{ filter, emit: compileMetricFilter(filter.pattern, filter) }];
    } catch (error) {
      faults.push({ logicalId: filter.logicalId, property: 'FilterPattern', problem: textOf(error) });
      return [];
    }
  });
  if (faults.length > 0) throw new TemplateError(faults);
  return compiled;
}

function sameness({ pattern, namespace, name, value, defaultValue, dimensions, unit }: FilterOfTemplate): string {
  return JSON.stringify([pattern, namespace, name, value, defaultValue, dimensions, unit]);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
