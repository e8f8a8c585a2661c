/** While a cause persists, one line of its kind in so many seconds. */
export const REPEAT_EVERY_SEC = 30;
/** Kinds told apart; what comes beyond is collapsed together. */
export const REPEAT_MAX_KINDS = 200;
const OTHER_KINDS = 'other';

/** What is to be told now, and how many like it were kept back before it since the last that was told. */
export interface Told<T> {
  readonly what: T;
  readonly repeats: number;
}

interface Kind<T> {
  toldAt: number;
  /** Kept back since then; `newest` is the last of them. */
  keptBack: number;
  newest: T;
}

/**
 * Collapses what repeats: the first of a kind is told at once, then the newest in REPEAT_EVERY_SEC with the exact number
 * of those before it. Nothing is lost by it: over any time, what is told plus its repeats is what was heard.
 */
export class Repeats<T> {
  readonly #kinds = new Map<string, Kind<T>>();

  /** Undefined: kept back, and counted. */
  heard(name: string, what: T, now_ms: number): Told<T> | undefined {
    const kind = this.#kinds.has(name) || this.#kinds.size < REPEAT_MAX_KINDS ? name : OTHER_KINDS;
    const known = this.#kinds.get(kind);
    if (known !== undefined && !isDue(known, now_ms)) {
      known.keptBack++;
      known.newest = what;
      return undefined;
    }
    this.#kinds.set(kind, { toldAt: now_ms, keptBack: 0, newest: what });
    return { what, repeats: known?.keptBack ?? 0 };
  }

  /** What was kept back and is due. A kind of which nothing was is forgotten: its next is a first again. */
  due(now_ms: number): readonly Told<T>[] {
    const told: Told<T>[] = [];
    for (const [name, kind] of this.#kinds) {
      if (!isDue(kind, now_ms)) continue;
      if (kind.keptBack === 0) this.#kinds.delete(name);
      told.push(...take(kind, now_ms));
    }
    return told;
  }

  /** The kinds are over: what was kept back of them is told, and their next is a first again. */
  over(isOver: (name: string) => boolean, now_ms: number): readonly Told<T>[] {
    const told: Told<T>[] = [];
    for (const [name, kind] of this.#kinds) {
      if (!isOver(name) && name !== OTHER_KINDS) continue;
      this.#kinds.delete(name);
      told.push(...take(kind, now_ms));
    }
    return told;
  }
}

/** A clock that was set back must not silence a kind. */
function isDue({ toldAt }: { readonly toldAt: number }, now_ms: number): boolean {
  const elapsedMs = now_ms - toldAt;
  return elapsedMs < 0 || elapsedMs >= REPEAT_EVERY_SEC * 1_000;
}

function take<T>(kind: Kind<T>, now_ms: number): readonly Told<T>[] {
  if (kind.keptBack === 0) return [];
  const told = { what: kind.newest, repeats: kind.keptBack - 1 };
  kind.toldAt = now_ms;
  kind.keptBack = 0;
  return [told];
}
