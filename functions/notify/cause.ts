import { type Alarm, ALARMS, type Severity } from '../../core/logging/alarms.ts';
import { type Composite, COMPOSITES, membersOf } from '../../core/logging/composites.ts';
import { type Pattern, type PatternName, PATTERNS } from '../../core/logging/patterns.ts';
import type { AlarmNotice } from './alarm-notice.ts';

/** What the catalogue knows of an alarm that changed. */
export interface Explained {
  readonly severity: Severity | 'none';
  readonly means: string;
  readonly action: string;
  /** Of a composite, while it fires: what fires within it, the first in its order. */
  readonly within: readonly Within[];
  /** The heading and the query: those of the first alarm within, or else the alarm's own. */
  readonly patternName: PatternName;
  readonly pattern: Pattern;
  /**
   * It says that telling fails, perhaps. That this is over cannot be told by who failed: if it failed once more, that would
   * count, the alarm would fire again, and so on for ever, each turn with a page.
   */
  readonly isAboutTelling: boolean;
}

interface Within {
  readonly name: string;
  readonly means: string;
  readonly action: string;
}

type Entry = Alarm | Composite;
const ENTRIES: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  ...Object.entries<Alarm>(ALARMS),
  ...Object.entries(COMPOSITES),
]);

/** undefined: no alarm of ours. `prefix`: what stands before an alarm's name, without the hyphen. */
export function explain(notice: AlarmNotice, prefix: string): Explained | undefined {
  const name = nameIn(notice.name, prefix);
  const entry = name === undefined ? undefined : ENTRIES.get(name);
  if (name === undefined || entry === undefined) return undefined;
  const within = notice.state === 'ALARM' && 'rule' in entry ? firingWithin(entry, notice, prefix) : [];
  const cause = within.map((member) => ENTRIES.get(member)!).find((member) => !('rule' in member)) ?? entry;
  return {
    severity: entry.severity,
    means: entry.means,
    action: entry.action,
    within: within.map((member) => {
      const { means, action } = ENTRIES.get(member)!;
      return { name: member, means, action };
    }),
    patternName: cause.pattern,
    pattern: PATTERNS[cause.pattern],
    isAboutTelling: isAboutTelling(name, entry),
  };
}

/** `kalshi-tape-prod-heartbeat-missing` is `heartbeat_missing`. */
function nameIn(alarmName: string, prefix: string): string | undefined {
  return alarmName.startsWith(`${prefix}-`) ? alarmName.slice(prefix.length + 1).replaceAll('-', '_') : undefined;
}

/** The members that CloudWatch names as in alarm: in the notice's list, or else in its reason by ARN. */
function firingWithin({ rule }: Composite, { triggering, reason }: AlarmNotice, prefix: string): readonly string[] {
  const listed = triggering.filter(({ state }) => state === 'ALARM').map(({ name }) => name);
  const said = [...reason.matchAll(IN_REASON)].map(([, name]) => name!);
  const names = new Set((listed.length > 0 ? listed : said).map((name) => nameIn(name, prefix)));
  return membersOf(rule).filter((member) => names.has(member));
}

/** `arn:aws:cloudwatch:…:alarm:NAME transitioned to ALARM at …` */
const IN_REASON = /:alarm:([A-Za-z0-9_.-]+) transitioned to ALARM/g;

const TELLING = 'telling_failed';

function isAboutTelling(name: string, entry: Entry): boolean {
  return name === TELLING || ('rule' in entry && membersOf(entry.rule).includes(TELLING));
}
