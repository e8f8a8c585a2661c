type ArithmeticOperator = '+' | '-' | '*' | '/' | '^';
type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';
type LogicalOperator = 'AND' | 'OR';
export type BinaryOperator = ArithmeticOperator | ComparisonOperator | LogicalOperator;

/** A parsed expression. `position` is where it begins in the text. */
export type MathNode =
  | { readonly kind: 'number'; readonly value: number; readonly position: number }
  | { readonly kind: 'string'; readonly value: string; readonly position: number }
  | { readonly kind: 'id'; readonly name: string; readonly position: number }
  /** A word in capitals that is an argument: REPEAT, LINEAR. */
  | { readonly kind: 'word'; readonly name: string; readonly position: number }
  | { readonly kind: 'array'; readonly items: readonly MathNode[]; readonly position: number }
  | { readonly kind: 'negate'; readonly of: MathNode; readonly position: number }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: MathNode;
      readonly right: MathNode;
      readonly position: number;
    }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly MathNode[]; readonly position: number };

/** The ids that an expression names, each once, in the order they appear. */
export function idsOf(node: MathNode): string[] {
  return [...new Set(walk(node))];
}

/** The functions that an expression calls. */
export function callsOf(node: MathNode): Extract<MathNode, { kind: 'call' }>[] {
  const inner = childrenOf(node).flatMap(callsOf);
  return node.kind === 'call' ? [node, ...inner] : inner;
}

function walk(node: MathNode): string[] {
  return node.kind === 'id' ? [node.name] : childrenOf(node).flatMap(walk);
}

function childrenOf(node: MathNode): readonly MathNode[] {
  switch (node.kind) {
    case 'array':
      return node.items;
    case 'negate':
      return [node.of];
    case 'binary':
      return [node.left, node.right];
    case 'call':
      return node.args;
    case 'number':
    case 'string':
    case 'id':
    case 'word':
      return [];
  }
}
