import type { Drill } from './drill.ts';
import type { Outcome } from './judge.ts';

export interface Row {
  readonly drill: Drill;
  readonly outcome: Outcome;
  readonly faults: readonly string[];
}

/** Of notifications over all drills: what was told and should be, what was told and should not, what was missed. */
export interface Score {
  readonly right: number;
  readonly wrong: number;
  readonly missed: number;
  readonly falsePages: number;
  readonly precision: number;
  readonly recall: number;
}

export function scoreOf(rows: readonly Row[]): Score {
  let [right, wrong, missed, falsePages] = [0, 0, 0, 0];
  for (const { drill, outcome } of rows) {
    for (const kind of ['pages', 'tickets'] as const) {
      const wanted: readonly string[] = drill.expect[kind];
      const hit = wanted.filter((name) => outcome[kind].includes(name)).length;
      right += hit;
      missed += wanted.length - hit;
      const allowed = kind === 'tickets' ? (drill.expect.mayTickets ?? []) : [];
      wrong += outcome[kind].filter((name) => !wanted.includes(name) && !allowed.some((may) => may === name)).length;
      if (kind === 'pages') falsePages += outcome[kind].length - hit;
    }
  }
  const share = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole);
  return {
    right,
    wrong,
    missed,
    falsePages,
    precision: share(right, right + wrong),
    recall: share(right, right + missed),
  };
}

const OK = 'ok';

/** Faults down, what was told across; `+` told and expected, `~` told and allowed, `!` told and not expected, `-` expected and not told. */
export function tableOf(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ drill }) => drill.name.length));
  const lines = rows.map(({ drill, outcome, faults }) => {
    const told = (['pages', 'tickets'] as const).flatMap((kind) => {
      const wanted: readonly string[] = drill.expect[kind];
      const may: readonly string[] = kind === 'tickets' ? (drill.expect.mayTickets ?? []) : [];
      const mark = kind === 'pages' ? 'PAGE' : 'ticket';
      return [
        ...outcome[kind].map(
          (name) => `${wanted.includes(name) ? '+' : may.includes(name) ? '~' : '!'}${mark} ${name}`,
        ),
        ...wanted.filter((name) => !outcome[kind].includes(name)).map((name) => `-${mark} ${name}`),
      ];
    });
    const after = outcome.firstTold_min === undefined ? '' : `after ${outcome.firstTold_min} min`;
    const verdict = faults.length === 0 ? OK : `${faults.length} FAULTS`;
    return `${drill.name.padEnd(width)}  ${verdict.padEnd(9)} ${after.padEnd(13)} ${told.join(', ') || 'silent'}`;
  });
  const { right, wrong, missed, falsePages, precision, recall } = scoreOf(rows);
  return [
    ...lines,
    '',
    `told and expected ${right}, told and not expected ${wrong} (false pages ${falsePages}), missed ${missed}`,
    `precision ${precision.toFixed(3)}  recall ${recall.toFixed(3)}`,
  ].join('\n');
}
