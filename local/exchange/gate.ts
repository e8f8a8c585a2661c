import type { FaultOf } from './faults.ts';

type Refusal = FaultOf<'refuse_connections'> | FaultOf<'refuse_rest'>;

/** Which upgrades and REST calls are refused right now, and how. */
export class Gate {
  #upgrades: Standing | undefined;
  #rest: Standing | undefined;
  refused = 0;

  refuse({ kind, status, count }: Refusal): void {
    const standing = { status, left: count ?? Infinity };
    if (kind === 'refuse_rest') this.#rest = standing;
    else this.#upgrades = standing;
  }

  open(): void {
    this.#upgrades = undefined;
    this.#rest = undefined;
  }

  /** The status this upgrade is refused with; undefined: it may go on. */
  refusesUpgrade(): number | undefined {
    return this.#use(this.#upgrades);
  }

  refusesRest(): number | undefined {
    return this.#use(this.#rest);
  }

  #use(standing: Standing | undefined): number | undefined {
    if (standing === undefined || standing.left === 0) return undefined;
    standing.left--;
    this.refused++;
    return standing.status;
  }
}

interface Standing {
  readonly status: number;
  left: number;
}

/** The body the exchange sends with a refusal. */
export function refusalBody(status: number): string {
  switch (status) {
    case 429:
      return '{"error":"too many requests"}';
    case 401:
      return '{"code":"authentication_error","details":"NOT_FOUND"}';
    default:
      return '{"code":"service_unavailable","message":"service unavailable"}';
  }
}
