import { AlarmError, type CompositeAlarm, type MetricAlarm } from './definition.ts';
import { RuleError } from './rule/error.ts';
import { alarmsOf, holds, type RuleNode } from './rule/node.ts';
import { parseRule } from './rule/parse.ts';
import type { AlarmState } from './state.ts';

export interface CompiledComposite {
  readonly alarm: CompositeAlarm;
  readonly rule: RuleNode;
  /** The names of the alarms whose states decide. */
  readonly children: readonly string[];
  /** The name of the suppressing alarm. */
  readonly suppressor: string | undefined;
}

/**
 * Composites in an order in which each comes after those it looks at. Names and ARNs in rules become names. Throws
 * AlarmError: a rule that does not parse, an alarm that does not exist, a circle (CloudWatch stops evaluating one).
 */
export function compileComposites(
  composites: readonly CompositeAlarm[],
  metricAlarms: readonly MetricAlarm[],
): CompiledComposite[] {
  const names = new Map<string, string>();
  for (const { name, arn } of [...metricAlarms, ...composites]) names.set(name, name).set(arn, name);
  const compiled = new Map(composites.map((alarm) => [alarm.name, compile(alarm, names)]));
  const ordered = new Map<string, CompiledComposite>();
  const path: string[] = [];
  const visit = (composite: CompiledComposite): void => {
    const { name } = composite.alarm;
    if (ordered.has(name)) return;
    if (path.includes(name))
      throw new AlarmError(name, `its rule leads back to itself: ${[...path, name].join(' → ')}`);
    path.push(name);
    for (const child of composite.children) {
      const inner = compiled.get(child);
      if (inner !== undefined) visit(inner);
    }
    path.pop();
    ordered.set(name, composite);
  };
  for (const composite of compiled.values()) visit(composite);
  return [...ordered.values()];
}

/** A composite is in ALARM while its rule holds, otherwise OK. */
export function evaluateComposite(
  composite: CompiledComposite,
  stateOf: (name: string) => AlarmState,
): { state: AlarmState; reason: string } {
  const state = holds(composite.rule, stateOf) ? 'ALARM' : 'OK';
  const seen = composite.children.map((name) => `${name} ${stateOf(name)}`).join(', ');
  return { state, reason: `the rule ${state === 'ALARM' ? 'holds' : 'does not hold'}: ${seen || 'no alarm is named'}` };
}

function compile(alarm: CompositeAlarm, names: ReadonlyMap<string, string>): CompiledComposite {
  const nameOf = (reference: string): string => {
    const name = names.get(reference);
    if (name === undefined) throw new AlarmError(alarm.name, `there is no alarm "${reference}"`);
    return name;
  };
  const rule = renamed(parsed(alarm), nameOf);
  return {
    alarm,
    rule,
    children: alarmsOf(rule),
    suppressor: alarm.suppressor === undefined ? undefined : nameOf(alarm.suppressor.alarm),
  };
}

function parsed(alarm: CompositeAlarm): RuleNode {
  try {
    return parseRule(alarm.rule);
  } catch (error) {
    if (error instanceof RuleError) throw new AlarmError(alarm.name, `AlarmRule: ${error.message}`, error);
    throw error;
  }
}

function renamed(node: RuleNode, nameOf: (reference: string) => string): RuleNode {
  switch (node.kind) {
    case 'constant':
      return node;
    case 'state':
      return { ...node, alarm: nameOf(node.alarm) };
    case 'not':
      return { ...node, of: renamed(node.of, nameOf) };
    case 'all':
    case 'any':
      return { ...node, of: node.of.map((part) => renamed(part, nameOf)) };
    case 'at_least':
      return { ...node, alarms: node.alarms.map(nameOf) };
  }
}
