import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { stageSettingsOf } from '../../lib/stage/settings.ts';
import { addStage } from '../../lib/tape-app.ts';

type Json = Readonly<Record<string, unknown>>;

interface CdkJson {
  readonly app: string;
  readonly context: Json & { readonly stages: Readonly<Record<string, Json>> };
}

export const CDK = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')) as CdkJson;
export const STAGES = Object.keys(CDK.context.stages);
export const GIT_COMMIT = 'abc123';

/** An example stage's template, with these settings changed. CDK's flags are those of cdk.json. */
export function synthesized(stage: string, changes: Json = {}): Template {
  const stages = { [stage]: { ...CDK.context.stages[stage], ...changes } };
  // CloudFormation's rules run in test/integration/deploy, where the whole command does.
  const flags = { ...CDK.context, '@aws-cdk/core:validateAgainstDefaultRules': false };
  const app = new App({ analyticsReporting: false, context: { ...flags, stages } });
  return Template.fromStack(addStage(app, stage, stageSettingsOf({ stages }, stage), GIT_COMMIT));
}

export interface Resource {
  readonly id: string;
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

/** Every resource of a type; all of them without one. */
export function resourcesOf(template: Template, type?: string): readonly Resource[] {
  const { Resources } = template.toJSON() as { Resources: Readonly<Record<string, Omit<Resource, 'id'>>> };
  return Object.entries(Resources)
    .map(([id, resource]) => ({ ...resource, id }))
    .filter(({ Type }) => type === undefined || Type === type);
}

/** The one resource of a type whose name holds `part`. Throws where there are none or several. */
export function resourceOf(template: Template, type: string, part = ''): Resource {
  const found = resourcesOf(template, type).filter(({ id }) => id.includes(part));
  if (found.length !== 1) throw new Error(`${found.length} resources ${type} named ${part}`);
  return found[0]!;
}

/** A value as it would be once deployed: what CloudFormation fills in is a plausible text. */
function deployed(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || typeof value !== 'object') return String(value);
  const [[key, of] = ['', undefined]] = Object.entries(value);
  if (key === 'Fn::Join') {
    const [separator, parts] = of as [string, readonly unknown[]];
    return parts.map(deployed).join(separator);
  }
  if (key === 'Fn::GetAtt')
    return (of as readonly string[])[1] === 'PrivateIp' ? '10.20.0.9' : (of as string[]).join('.');
  if (key === 'Ref') return FILLED_IN[String(of)] ?? String(of);
  if (key === 'Fn::Select') return deployed((of as readonly unknown[])[1]);
  if (key === 'Fn::Split') return deployed((of as readonly unknown[])[1]);
  throw new Error(`nothing is known of ${key}`);
}

const FILLED_IN: Readonly<Record<string, string>> = {
  'AWS::Region': 'us-east-1',
  'AWS::Partition': 'aws',
  'AWS::AccountId': '000000000000',
};

interface ContainerDefinition extends Json {
  readonly Environment: readonly { readonly Name: string; readonly Value: unknown }[];
  readonly Secrets: readonly { readonly Name: string; readonly ValueFrom: unknown }[];
}

export function containerOf(template: Template): ContainerDefinition {
  const { Properties } = resourceOf(template, 'AWS::ECS::TaskDefinition');
  return (Properties['ContainerDefinitions'] as readonly ContainerDefinition[])[0]!;
}

/** The streamer's variables as ECS gives them to it, without the secrets. */
export function containerEnvironment(template: Template): Record<string, string> {
  return Object.fromEntries(containerOf(template).Environment.map(({ Name, Value }) => [Name, deployed(Value)]));
}

/** A function's variables as Lambda gives them to it. */
export function functionEnvironment(template: Template, part: string): Record<string, string> {
  const { Properties } = resourceOf(template, 'AWS::Lambda::Function', part);
  const { Variables } = Properties['Environment'] as { readonly Variables: Json };
  return Object.fromEntries(Object.entries(Variables).map(([name, value]) => [name, deployed(value)]));
}
