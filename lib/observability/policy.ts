import { readFileSync } from 'node:fs';
import type {
  IPolicyValidationContext,
  IPolicyValidationPlugin,
  PolicyValidationPluginReport,
  PolicyViolation,
} from 'aws-cdk-lib';
import { anchorsOf } from '../../core/logging/guide.ts';
import { Emitted } from './policy/emitted.ts';
import { RULES } from './policy/rules.ts';
import { resourcesOf } from './policy/template.ts';

export interface WatchingPolicyOptions {
  /** Why CloudWatch would refuse a filter pattern; undefined: it would take it. */
  readonly compiles: (pattern: string) => string | undefined;
  /** The text of LOGGING_GUIDE.md. */
  readonly guide: string;
}

/**
 * Refuses at synth what CloudFormation would take and CloudWatch would refuse, or take and never fire: see RULES. It reads
 * the finished templates, so it does not matter who wrote them.
 */
export class WatchingPolicy implements IPolicyValidationPlugin {
  readonly name = 'kalshi-tape watching';
  readonly ruleIds: string[] = RULES.map(({ name }) => name);
  readonly #options: WatchingPolicyOptions;

  constructor(options: WatchingPolicyOptions) {
    this.#options = options;
  }

  validate({ templatePaths }: Pick<IPolicyValidationContext, 'templatePaths'>): PolicyValidationPluginReport {
    const resources = templatePaths.flatMap((path) => resourcesOf(readFileSync(path, 'utf8'), path));
    const context = {
      compiles: this.#options.compiles,
      emitted: new Emitted(resources),
      anchors: anchorsOf(this.#options.guide),
    };
    const violations = RULES.flatMap(({ name, types, property, fix, check }): PolicyViolation[] =>
      resources
        .filter(({ type }) => types.includes(type))
        .flatMap((resource) => {
          const { logicalId: resourceLogicalId, templatePath } = resource;
          const violatingResources = [{ resourceLogicalId, templatePath, locations: [`Properties.${property}`] }];
          return check(resource, context).map((description) => ({
            ruleName: name,
            description,
            fix,
            severity: 'error',
            violatingResources,
          }));
        }),
    );
    return { success: violations.length === 0, violations };
  }
}
