import { MigrationError } from './errors.ts';

/** `mergetree`: one server. `replicated`: own cluster with Keeper. `cloud`: ClickHouse Cloud, which replicates by itself. */
export const VARIANTS = ['mergetree', 'replicated', 'cloud'] as const;
type Variant = (typeof VARIANTS)[number];

export interface RenderTarget {
  readonly variant: Variant;
  readonly database: string;
  /** Only for `replicated`; absent where the database engine itself is Replicated. */
  readonly cluster?: string | undefined;
}

/**
 * Fills the four templates, wherever they stand:
 * `${DATABASE}`, `${REPLICATED}` (as in `ENGINE = ${REPLICATED}MergeTree`), `${ON_CLUSTER}`, `${DEDUPLICATION}` (table settings).
 * Throws MigrationError on any other `${…}`.
 */
export function render(statement: string, target: RenderTarget): string {
  const values = templateValues(target);
  return statement.replace(/\$\{[^}]*\}?/g, (template) => {
    const value = values.get(template);
    if (value === undefined)
      throw new MigrationError(`unknown template ${template}; known: ${[...values.keys()].join(', ')}`);
    return value;
  });
}

/** How many inserts' tokens are remembered. The time is the longest retention of the stream: a replay must not double rows. */
const DEDUPLICATION_WINDOW = 10_000;
const DEDUPLICATION_WINDOW_SEC = 604_800;

function templateValues({ variant, database, cluster }: RenderTarget): ReadonlyMap<string, string> {
  return new Map([
    ['${DATABASE}', database],
    ['${REPLICATED}', variant === 'replicated' ? 'Replicated' : ''],
    ['${ON_CLUSTER}', variant === 'replicated' && cluster !== undefined ? `ON CLUSTER '${cluster}'` : ''],
    [
      '${DEDUPLICATION}',
      variant === 'mergetree'
        ? `non_replicated_deduplication_window = ${DEDUPLICATION_WINDOW}`
        : `replicated_deduplication_window = ${DEDUPLICATION_WINDOW}, replicated_deduplication_window_seconds = ${DEDUPLICATION_WINDOW_SEC}`,
    ],
  ]);
}
