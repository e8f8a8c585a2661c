import type { AlarmState } from '../state.ts';

/** A parsed AlarmRule. Alarms are named by name or ARN. */
export type RuleNode =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'state'; readonly state: AlarmState; readonly alarm: string }
  | { readonly kind: 'not'; readonly of: RuleNode }
  | { readonly kind: 'all' | 'any'; readonly of: readonly RuleNode[] }
  | {
      readonly kind: 'at_least';
      /** How many of the alarms must be (or, negated, must not be) in the state. */
      readonly count: number;
      readonly negated: boolean;
      readonly state: AlarmState;
      readonly alarms: readonly string[];
    };

/** The alarms a rule names, each once. */
export function alarmsOf(node: RuleNode): string[] {
  return [...new Set(named(node))];
}

function named(node: RuleNode): readonly string[] {
  switch (node.kind) {
    case 'constant':
      return [];
    case 'state':
      return [node.alarm];
    case 'not':
      return named(node.of);
    case 'all':
    case 'any':
      return node.of.flatMap(named);
    case 'at_least':
      return node.alarms;
  }
}

/** True where the rule holds, given each alarm's state. */
export function holds(node: RuleNode, stateOf: (alarm: string) => AlarmState): boolean {
  switch (node.kind) {
    case 'constant':
      return node.value;
    case 'state':
      return stateOf(node.alarm) === node.state;
    case 'not':
      return !holds(node.of, stateOf);
    case 'all':
      return node.of.every((part) => holds(part, stateOf));
    case 'any':
      return node.of.some((part) => holds(part, stateOf));
    case 'at_least':
      return node.alarms.filter((alarm) => (stateOf(alarm) === node.state) !== node.negated).length >= node.count;
  }
}
