import type { Command, Expression } from './ast.ts';
import { looksNumeric } from './value.ts';

/**
 * Texts of which a line must hold at least one, or an escape that may hide it (`\u`), to pass the filters;
 * undefined: any line may pass. Sound, not complete: what holds one is still filtered.
 */
export function needlesOf(commands: readonly Command[]): readonly string[] | undefined {
  const redefined = new Set<string>();
  let best: readonly string[] | undefined;
  for (const command of commands) {
    switch (command.kind) {
      case 'filter':
        best = better(best, needed(command.condition, redefined));
        continue;
      case 'fields':
      case 'display':
        for (const { name } of command.columns) redefined.add(name);
        continue;
      case 'parse':
        for (const name of command.names) redefined.add(name);
        continue;
      default:
        return best;
    }
  }
  return best;
}

type Needles = readonly string[] | undefined;

function needed(condition: Expression, redefined: ReadonlySet<string>): Needles {
  switch (condition.kind) {
    case 'and':
      return better(needed(condition.left, redefined), needed(condition.right, redefined));
    case 'or':
      return union([needed(condition.left, redefined), needed(condition.right, redefined)]);
    case 'compare': {
      const { operator, left, right } = condition;
      return operator === '=' && isPlainField(left, redefined) ? literal(right) : undefined;
    }
    case 'in':
      return isPlainField(condition.of, redefined) ? union(condition.list.map(literal)) : undefined;
    case 'contains':
      return isPlainField(condition.of, redefined) ? needle(condition.substring) : undefined;
    default:
      return undefined;
  }
}

/** A field of the JSON as it is; what the service adds (@…) and what the query made are elsewhere. */
function isPlainField(expression: Expression, redefined: ReadonlySet<string>): boolean {
  if (expression.kind !== 'field' || expression.path[0]!.startsWith('@')) return false;
  return !expression.path.some((_, i) => redefined.has(expression.path.slice(0, i + 1).join('.')));
}

function literal(expression: Expression): Needles {
  return expression.kind === 'literal' && typeof expression.value === 'string' ? needle(expression.value) : undefined;
}

/** Characters that JSON writes as they are, or as \u…; a number may be written in many ways, also in part. */
const VERBATIM = /^[^"\\/\p{Cc}\p{Cs}\ufffd]+$/u;
const PART_OF_A_NUMBER = /^[-+.eE\d]*$/;
/** Below this length nothing is gained. */
const MIN_LENGTH = 3;

function needle(text: string): Needles {
  if (text.length < MIN_LENGTH || looksNumeric(text) || PART_OF_A_NUMBER.test(text)) return undefined;
  return VERBATIM.test(text) ? [text] : undefined;
}

/** The longest text is taken to be the rarest. */
function better(left: Needles, right: Needles): Needles {
  if (left === undefined || right === undefined) return left ?? right;
  return shortest(right) > shortest(left) ? right : left;
}

function shortest(needles: readonly string[]): number {
  return Math.min(...needles.map(({ length }) => length));
}

function union(all: readonly Needles[]): Needles {
  const known = all.filter((needles) => needles !== undefined);
  return known.length === all.length ? [...new Set(known.flat())] : undefined;
}
