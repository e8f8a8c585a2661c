/** One thing in a template that could not be understood. */
export interface TemplateFault {
  readonly logicalId: string;
  /** The property, dotted from `Properties`; empty for the resource itself. */
  readonly property: string;
  readonly problem: string;
}

/** A template that was not read: every fault of it, together. */
export class TemplateError extends Error {
  readonly faults: readonly TemplateFault[];

  constructor(faults: readonly TemplateFault[]) {
    super(`the template was not read: ${faults.map(faultText).join('; ')}`);
    this.name = 'TemplateError';
    this.faults = faults;
  }
}

function faultText({ logicalId, property, problem }: TemplateFault): string {
  return `${[logicalId, property].filter((part) => part !== '').join('.')}: ${problem}`;
}
