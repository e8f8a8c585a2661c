/** An expression that was not evaluated: what is wrong and where (`position` counts characters from 0). */
export class MathError extends Error {
  readonly position: number;
  readonly expression: string;

  constructor(expression: string, position: number, problem: string) {
    super(`${problem} at character ${position} of "${expression}"; the expression was not evaluated`);
    this.name = 'MathError';
    this.position = position;
    this.expression = expression;
  }
}
