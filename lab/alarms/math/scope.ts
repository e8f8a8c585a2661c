import type { MathError } from './error.ts';
import type { MathNode } from './node.ts';
import type { MathValue, Points } from './value.ts';

/** What an expression is evaluated over: the periods of one evaluation range. */
export interface MathContext {
  /** The start of each period, milliseconds since 1970, oldest first. */
  readonly starts_ms: readonly number[];
  readonly period_ms: number;
  /** Every id the expression may name, metrics and other expressions. Each series has as many points as `starts_ms`. */
  readonly values: ReadonlyMap<string, Points>;
  /** The ids that are metrics, not expressions: what METRICS() returns. */
  readonly metricIds: readonly string[];
}

/** What a function sees of the evaluation it is called in. */
export interface MathScope {
  readonly context: MathContext;
  readonly value: (node: MathNode) => MathValue;
  /** The error to throw about a part of the expression. */
  readonly fault: (node: MathNode, problem: string) => MathError;
}

export type Call = Extract<MathNode, { kind: 'call' }>;
export type MathFunction = (call: Call, scope: MathScope) => MathValue;
