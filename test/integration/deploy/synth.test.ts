import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { tapeApp } from '../../../lib/tape-app.ts';
import { CDK, STAGES } from '../../lib/synthesized.ts';

const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));
/**
 * Processor time of both stages together: a bound of growth, not the 15 s that are wanted. On shared cores the same work
 * was counted as 12 to 28 s (docs/decisions/0005-aws.md).
 */
const SYNTH_MAX_SEC = 45;

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'synth-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('npx cdk synth --all', () => {
  test('makes both stages without a network, an account or Docker, within its time, and no rule is broken', () => {
    const seconds = STAGES.map((stage) => {
      const { status, output, cpu_sec } = synth(stage, PROJECT);
      expect([status, output]).toEqual([0, expect.not.stringMatching(/^(ERROR|WARNING)/m)]);
      return cpu_sec;
    });
    process.stderr.write(`synth, seconds of CPU: ${seconds.map((sec) => sec.toFixed(1)).join(', ')}\n`);
    expect(seconds.reduce((sum, sec) => sum + sec, 0)).toBeLessThan(SYNTH_MAX_SEC);
    for (const stage of STAGES) {
      const template = readFileSync(join(directory, stage, `KalshiTape-${stage}.template.json`), 'utf8');
      expect(JSON.parse(template)).toHaveProperty('Resources');
    }
  });

  test('names every fault of a stage’s settings and makes nothing', () => {
    const changed = projectWith({ ...CDK.context.stages['dev'], markets: [], colour: 'red' });
    const { status, output } = synth('dev', changed);
    expect(status).not.toBe(0);
    expect(output).toMatch(/2 fault\(s\)/);
    for (const named of ['markets', 'colour']) expect(output).toContain(named);
    expect(output).not.toMatch(/^ +at /m);
    expect(existsSync(join(directory, 'dev-refused', 'KalshiTape-dev.template.json'))).toBe(false);
  });

  test('refuses what CloudFormation would refuse', () => {
    const host = { imageId: 'ami-0123456789abcdef0', instanceType: 't9g.huge' };
    const clickhouse = { user: 'tape', passwordSecret: 'p', host };
    const { status, output } = synth('dev', projectWith({ ...CDK.context.stages['dev'], clickhouse }));
    expect([status, output]).toEqual([1, expect.stringContaining('t9g.huge')]);
  });
});

describe('what nobody acknowledged', () => {
  const guide = readFileSync(join(PROJECT, 'LOGGING_GUIDE.md'), 'utf8');
  const made = (guideText: string) => {
    const context = { ...CDK.context, stage: 'prod' };
    const outdir = mkdtempSync(join(directory, 'app-'));
    return tapeApp('', { compiles: () => undefined, guide: guideText }, { context, outdir });
  };

  test('is not there as we deploy it', () => {
    expect(() => made(guide).synth()).not.toThrow();
  });

  test('is refused by AWS’s solutions checks', () => {
    const app = made(guide);
    new Bucket(Stack.of(app.node.findChild('KalshiTape-prod')), 'Open');
    expect(() => app.synth()).toThrow(/AwsSolutions-S10/);
  });

  test('is refused by our own of watching: an alarm whose runbook has no heading', () => {
    expect(() => made('# Empty').synth()).toThrow(/kalshi-tape watching/);
  });
});

/** A folder that is this project but for its cdk.json. */
function projectWith(dev: object): string {
  const copy = mkdtempSync(join(directory, 'project-'));
  const linked = ['bin', 'core', 'ecs', 'functions', 'lab', 'lib', 'node_modules', 'package.json', 'package-lock.json'];
  for (const name of [...linked, 'tsconfig.json']) symlinkSync(join(PROJECT, name), join(copy, name));
  const cdk = { ...CDK, context: { ...CDK.context, stages: { dev } } };
  writeFileSync(join(copy, 'cdk.json'), JSON.stringify(cdk));
  return copy;
}

interface Synth {
  readonly status: number | null;
  readonly output: string;
  readonly cpu_sec: number;
}

/** In a network namespace of its own where that is allowed: not even loopback is up. PATH has no docker. */
function synth(stage: string, project: string): Synth {
  const out = join(directory, project === PROJECT ? stage : `${stage}-refused`);
  const path = join(directory, 'bin');
  mkdirSync(path, { recursive: true });
  for (const tool of ['sh', 'git', 'env']) linkTool(path, tool);
  if (!existsSync(join(path, 'node'))) symlinkSync(process.execPath, join(path, 'node'));
  const cdk = [join(project, 'node_modules/.bin/cdk'), 'synth', '--all', '-c', `stage=${stage}`, '-o', out, '-q'];
  const alone =
    spawnSync('unshare', ['--net', 'true'], { stdio: 'ignore' }).status === 0 ? [toolOf('unshare'), '--net'] : [];
  const [command = '', ...args] = [...alone, '/bin/sh', '-c', '"$@"; status=$?; times; exit $status', 'sh', ...cdk];
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: project,
    env: { PATH: path, HOME: directory, CI: 'true', CDK_DISABLE_CLI_TELEMETRY: 'true' },
    encoding: 'utf8',
  });
  return { status, output: `${stdout}${stderr}`, cpu_sec: childrenSeconds(stdout) };
}

function linkTool(into: string, tool: string): void {
  if (!existsSync(join(into, tool))) symlinkSync(toolOf(tool), join(into, tool));
}

function toolOf(tool: string): string {
  const folder = (process.env['PATH'] ?? '').split(':').find((one) => existsSync(join(one, tool)));
  return join(folder ?? '/usr/bin', tool);
}

/** `times` of the shell: the last line is user and system time of all that it started, `0m4.20s 0m0.60s`. */
function childrenSeconds(stdout: string): number {
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  return [...last.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  );
}
