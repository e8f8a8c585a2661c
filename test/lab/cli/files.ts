import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';

/** A folder for the files of one test; gone after it. */
export function scratch(): (name: string, text: string) => string {
  const folders: string[] = [];
  afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));
  return (name, text) => {
    const folder = mkdtempSync(join(tmpdir(), 'lab-'));
    folders.push(folder);
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
}

/** Runs a command; its exit code and lines. */
export async function ran(
  command: (args: readonly string[], out: (line: string) => void) => Promise<number>,
  ...args: readonly string[]
): Promise<{ code: number; lines: string[]; last: unknown }> {
  const lines: string[] = [];
  const code = await command(args, (line) => lines.push(line));
  const last = lines.at(-1) ?? '';
  return { code, lines, last: last.startsWith('{') ? JSON.parse(last) : undefined };
}
