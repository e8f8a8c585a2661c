import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, expect, test } from 'vitest';
import { stageSettingsOf } from '../../lib/stage/settings.ts';
import { addStage } from '../../lib/tape-app.ts';
import { CDK, GIT_COMMIT, resourcesOf, STAGES, synthesized } from './synthesized.ts';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

const templates = new Map<string, Template>();
let stackName: string;
beforeAll(() => {
  for (const stage of STAGES) templates.set(stage, synthesized(stage));
  ({ stackName } = addStage(new App(), 'prod', stageSettingsOf(CDK.context, 'prod'), GIT_COMMIT));
});

test.each(STAGES)(
  'every alarm of the stage %s ends with a link that a mail reader opens, as the README says',
  (stage) => {
    const alarms = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'].flatMap((type) =>
      resourcesOf(templates.get(stage)!, type),
    );
    expect(alarms.length).toBeGreaterThan(40);
    for (const { Properties } of alarms)
      expect(Properties['AlarmDescription']).toMatch(/\nhttps:\/\/\S+\/LOGGING_GUIDE\.md#[a-z0-9-]+$/);
    expect(README).toContain('`guideUrl`');
  },
);

test('the README restarts whatever reads a secret, by the stack’s own name: a deployment alone sees no change', () => {
  const restart = /```sh\n(aws cloudformation list-stack-resources[\s\S]*?)```/.exec(README)?.[1] ?? '';
  expect(restart).toContain(`--stack-name ${stackName} `);
  const template = templates.get('prod')!;
  const reads = resourcesOf(template).filter(({ Type, Properties }) => {
    return (
      /^AWS::(ECS::TaskDefinition|Lambda::Function)$/.test(Type) && JSON.stringify(Properties).includes(':secret:')
    );
  });
  expect(reads.map(({ id }) => id.slice(0, 5)).sort()).toEqual(['Notif', 'Probe', 'SinkF', 'Strea']);
  const listed = [...restart.matchAll(/'(AWS::\w+::\w+)'/g)].map(([, type]) => type);
  expect(listed).toEqual(['AWS::ECS::Cluster', 'AWS::ECS::Service', 'AWS::Lambda::Function']);
  for (const type of listed) expect(resourcesOf(template, type).length, type).toBeGreaterThan(0);
  expect(restart).toMatch(/aws ecs update-service --cluster \S+ --service \S+ --force-new-deployment/);
  expect(restart).toMatch(/aws lambda update-function-configuration --function-name \S+ --description "/);
});
