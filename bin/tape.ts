import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from '../core/contract/environment.ts';
import { type StageSettings, stageSettingsOf } from '../lib/stage/settings.ts';
import { shardsFor } from '../lib/stage/shards.ts';
import { type CommandPorts, DEFAULT_STAGE, DONE, UsageError } from '../local/commands/command.ts';

const USAGE = `npm run tape -- logs PATTERN [--since 1h] [--stage NAME]   the saved query of a heading of LOGGING_GUIDE.md, in the account
npm run tape -- logs PATTERN --local [DIR] [--since 1h]    the same over log files (default: data/logs), without an account
npm run tape -- tail [PATTERN] [--stage NAME]              lines of a stage as they come (Live Tail: $0.01 a minute)
npm run tape -- check-filters                              our metric filters through CloudWatch's TestMetricFilter
npm run tape -- backtest FILE.ndjson… [--stage NAME | --template FILE] [--samples FILE]… [--from T] [--to T]
                                                           what today's alarms would have told of recorded logs
npm run tape -- cost [NAME]      what a stage costs a month at three rates
npm run tape -- block FILE...    what is in a spooled block (.ktb) or a failed batch (.json): a line per entry
npm run tape -- stage NAME       a stage's settings as deployed, from cdk.json
`;
/** CloudFormation's rules are for what is deployed. */
const QUIET = { '@aws-cdk/core:validateAgainstDefaultRules': false };
const EXIT_FAULT = 1;
const EXIT_USAGE = 2;

type Command = (args: readonly string[], ports: CommandPorts) => Promise<number> | number;

/** Loaded when asked for: who looks at a block does not wait for CDK. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  logs: async () => (await import('../local/commands/logs.ts')).logs,
  tail: async () => (await import('../local/commands/tail.ts')).tail,
  'check-filters': async () => (await import('../local/commands/check-filters.ts')).checkFilters,
  backtest: async () => {
    const [{ backtest }, templates] = [await import('../local/commands/backtest.ts'), await synthesizer()];
    return (args, ports) => backtest(args, { ...ports, synthesize: (stage) => templates(stage)[0] });
  },
  cost: async () => {
    const { COST_RATES, printCost } = await import('../local/commands/cost-table.ts');
    const templates = await synthesizer();
    return ([stage = DEFAULT_STAGE], ports) => printCost(stage, templates(stage, COST_RATES), ports);
  },
  block: async () => (await import('../local/commands/block.ts')).block,
  stage: () => Promise.resolve(showStage),
};

const [name = '', ...args] = process.argv.slice(2);
const interrupted = new AbortController();
try {
  if (!Object.hasOwn(COMMANDS, name)) throw new UsageError(name === '' ? 'no command' : `no command ${name}`);
  const command = await COMMANDS[name]!();
  const { CloudWatchLogsClient: Client } = await import('@aws-sdk/client-cloudwatch-logs');
  process.once('SIGINT', () => interrupted.abort());
  process.exitCode = await command(args, {
    out: (line) => process.stdout.write(`${line}\n`),
    note: (line) => process.stderr.write(`${line}\n`),
    env: process.env,
    now: Date.now,
    signal: interrupted.signal,
    logsClient: (): CloudWatchLogsClient => new Client({}),
  });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
  if (isUsage) process.stderr.write(USAGE);
  process.exitCode = isUsage || error instanceof ConfigurationError ? EXIT_USAGE : EXIT_FAULT;
}

function cdkContext(): Readonly<Record<string, unknown>> {
  const cdk = JSON.parse(readFileSync(new URL('../cdk.json', import.meta.url), 'utf8')) as { context?: object };
  return { ...cdk.context };
}

function showStage([stage]: readonly string[], { out }: CommandPorts): number {
  if (stage === undefined) throw new UsageError('no stage is named');
  const settings = stageSettingsOf(cdkContext(), stage);
  out(JSON.stringify({ ...settings, shards: shardsFor(settings.expectedMessagesPerSecond) }));
  return DONE;
}

/** Templates of a stage: as it is, or for each of these rates. Nothing is deployed, asked or left behind. */
async function synthesizer(): Promise<(stage: string, rates?: readonly number[]) => readonly unknown[]> {
  const [{ App }, { addStage }] = [await import('aws-cdk-lib'), await import('../lib/tape-app.ts')];
  return (stage, rates) => {
    const settings = stageSettingsOf(cdkContext(), stage);
    const variants: readonly StageSettings[] = rates?.map((rate) => ({
      ...settings,
      expectedMessagesPerSecond: rate,
    })) ?? [settings];
    const outdir = mkdtempSync(join(tmpdir(), 'kalshi-tape-synth-'));
    try {
      return variants.map((variant, index) => {
        // Its own app for each: they all have the stage's own name.
        const app = new App({
          analyticsReporting: false,
          context: { ...cdkContext(), ...QUIET },
          outdir: join(outdir, String(index)),
        });
        const stack = addStage(app, stage, variant, '');
        return app.synth().getStackArtifact(stack.artifactId).template as unknown;
      });
    } finally {
      rmSync(outdir, { recursive: true, force: true });
    }
  };
}
