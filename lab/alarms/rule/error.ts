/** A composite alarm's rule that was not evaluated: what is wrong and where (`position` counts characters from 0). */
export class RuleError extends Error {
  readonly position: number;

  constructor(position: number, problem: string) {
    super(`${problem} at character ${position}; the rule was not evaluated`);
    this.name = 'RuleError';
    this.position = position;
  }
}
