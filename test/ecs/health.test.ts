import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../../ecs/health.ts', import.meta.url));

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'health-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the container’s health check', () => {
  test.each([
    ['a second', 1, 0],
    ['25 seconds', 25, 0],
    ['35 seconds', 35, 1],
    ['an hour', 3_600, 1],
    // A clock that was set back: what the file says is not known.
    ['minus a minute', -60, 1],
  ])('of a socket that lived %s ago says so', (_, age_sec, status) => {
    const file = join(directory, 'health.json');
    writeFileSync(file, '{}');
    const at_sec = Date.now() / 1_000 - age_sec;
    utimesSync(file, at_sec, at_sec);
    expect(checked(file).status).toBe(status);
  });

  test.each([
    ['no file yet', 'missing.json', 'no connection has lived yet'],
    ['no file named', '', 'nothing was checked'],
    ['a path through a file', 'file/health.json', 'cannot be read'],
  ])('with %s is not healthy and says why', (_, name, why) => {
    writeFileSync(join(directory, 'file'), '');
    const { status, stderr } = checked(name === '' ? '' : join(directory, name));
    expect([status, stderr]).toEqual([1, expect.stringContaining(why)]);
  });
});

function checked(file: string) {
  return spawnSync(process.execPath, [PROGRAM], { env: { HEALTH_FILE: file }, encoding: 'utf8' });
}
