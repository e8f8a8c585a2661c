import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LogFile } from '../../../local/process/log-file.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'log-file-'))));
afterEach(() => rmSync(folder, { recursive: true }));

it('appends lines exactly as they are, to what was there before', () => {
  const path = join(folder, 'new', 'sink.ndjson');
  const first = new LogFile({ path });
  first.append(['{"a":1}', '', '  ünï ']);
  first.close();
  const second = new LogFile({ path });
  second.append(['b']);
  second.append([]);
  second.close();
  expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n\n  ünï \nb\n');
});

it('keeps the newest lines within the bound, and no line is torn or lost at the seam', () => {
  const path = join(folder, 'sink.ndjson');
  const log = new LogFile({ path, maxBytes: 2_000 });
  for (let i = 0; i < 1_000; i++) log.append([`line ${i}`]);
  log.close();
  expect(statSync(path).size + statSync(`${path}.1`).size).toBeLessThanOrEqual(2_000);
  const kept = (readFileSync(`${path}.1`, 'utf8') + readFileSync(path, 'utf8')).trimEnd().split('\n');
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => `line ${1_000 - kept.length + i}`));
  expect(kept.length).toBeGreaterThan(100);
});

it('counts what it could not write, and writes again when it can', () => {
  const path = join(folder, 'sink.ndjson');
  symlinkSync('/dev/full', path);
  let now = 0;
  const log = new LogFile({ path, now: () => now });
  log.append(['lost', 'lost']);
  unlinkSync(path);
  log.append(['still too early']);
  expect(log.droppedLines).toBe(3);
  now += 1_000;
  log.append(['kept']);
  log.close();
  expect(log.droppedLines).toBe(3);
  expect(readFileSync(path, 'utf8')).toBe('kept\n');
});
