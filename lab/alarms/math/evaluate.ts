import { MathError } from './error.ts';
import { COLLAPSING, FUNCTIONS, UNSUPPORTED } from './functions.ts';
import { callsOf, idsOf, type MathNode } from './node.ts';
import { applyOperator } from './operators.ts';
import { parseMath } from './parse.ts';
import type { MathContext, MathScope } from './scope.ts';
import { array, type MathValue, mapPoints, mapSeries, type Points, scalar, series } from './value.ts';

export interface CompiledMath {
  readonly expression: string;
  readonly ids: readonly string[];
  /** What is true of this expression that its author should know. */
  readonly notes: readonly string[];
  /** The one time series that is the result. Throws MathError where it is a number or several series. */
  readonly evaluate: (context: MathContext) => Points;
}

/** Parses and checks an expression once, to be evaluated often. Throws MathError: syntax, or a function not evaluated here. */
export function compileMath(expression: string): CompiledMath {
  const root = parseMath(expression);
  const calls = callsOf(root);
  for (const { name, position } of calls) {
    const reason = UNSUPPORTED[name];
    if (reason !== undefined) throw new MathError(expression, position, `${name} is not supported: ${reason}`);
    if (!Object.hasOwn(FUNCTIONS, name)) throw new MathError(expression, position, `no function "${name}"`);
  }
  const notes = calls.some(({ name, args }) => COLLAPSING.has(name) && !isArray(args[0]))
    ? [`"${expression}": a function over one whole series depends on the evaluation range, which AWS does not publish`]
    : [];
  return { expression, ids: idsOf(root), notes, evaluate: (context) => oneSeries(expression, root, context) };
}

function oneSeries(expression: string, root: MathNode, context: MathContext): Points {
  const value = new Evaluation(expression, context).value(root);
  if (value.kind === 'series') return value.points;
  if (value.kind === 'array' && value.items.length === 1) return value.items[0]!;
  const found = value.kind === 'scalar' ? 'a number' : `${value.items.length} time series`;
  throw new MathError(expression, root.position, `an alarm watches one time series, this is ${found}`);
}

/** An argument that is an array for certain; of anything else one series may come. */
function isArray(node: MathNode | undefined): boolean {
  return node?.kind === 'array' || (node?.kind === 'call' && node.name === 'METRICS');
}

/** One evaluation; the functions call back into it for their arguments. */
class Evaluation implements MathScope {
  readonly #expression: string;
  readonly context: MathContext;

  constructor(expression: string, context: MathContext) {
    this.#expression = expression;
    this.context = context;
  }

  value(node: MathNode): MathValue {
    switch (node.kind) {
      case 'number':
        return scalar(node.value);
      case 'id': {
        const points = this.context.values.get(node.name);
        if (points === undefined) throw this.fault(node, `no metric or expression has the id "${node.name}"`);
        return series(points);
      }
      case 'array':
        return array(node.items.flatMap((item) => this.#seriesIn(item)));
      case 'negate': {
        const of = this.value(node.of);
        if (of.kind === 'scalar') return scalar(-of.value);
        return mapSeries(of, (points) => mapPoints(points, (value) => -value));
      }
      case 'binary': {
        const result = applyOperator(node.operator, this.value(node.left), this.value(node.right));
        if (result === undefined) throw this.fault(node, `"${node.operator}" does not take two arrays`);
        return result;
      }
      case 'call':
        return FUNCTIONS[node.name]!(node, this);
      case 'string':
      case 'word':
        throw this.fault(node, 'a number, a time series or an array was expected here');
    }
  }

  fault(node: MathNode, problem: string): MathError {
    return new MathError(this.#expression, node.position, problem);
  }

  #seriesIn(node: MathNode): readonly Points[] {
    const value = this.value(node);
    if (value.kind === 'scalar') throw this.fault(node, 'an array holds time series, this is a number');
    return value.kind === 'series' ? [value.points] : value.items;
  }
}
