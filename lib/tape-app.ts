import { App, type AppProps, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { WatchingPolicy, type WatchingPolicyOptions } from './observability/policy.ts';
import { type StageSettings, stageSettingsOf } from './stage/settings.ts';
import { TapeStack } from './tape-stack.ts';

/** The app of one stage, which `-c stage=NAME` chooses. Throws ConfigurationError naming every fault of its settings. */
export function tapeApp(gitCommit: string, policy: WatchingPolicyOptions, props: AppProps = {}): App {
  const app = new App({ analyticsReporting: false, ...props });
  const stage = app.node.tryGetContext('stage') as string | undefined;
  const stages: unknown = app.node.tryGetContext('stages');
  addStage(app, String(stage), stageSettingsOf({ stages }, stage), gitCommit);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new WatchingPolicy(policy));
  return app;
}

/** Without an account and a region: they are those of who deploys, and synth asks nobody. */
export function addStage(app: App, stage: string, settings: StageSettings, gitCommit: string): TapeStack {
  return new TapeStack(app, `KalshiTape-${stage}`, {
    stage,
    settings,
    gitCommit,
    description: `kalshi-tape ${stage}: records the exchange's tape into ClickHouse`,
    tags: { project: 'kalshi-tape', stage },
  });
}
