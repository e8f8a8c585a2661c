import { describe, expect, test } from 'vitest';
import { readLines, readSamples } from '../../../lab/replay/line-file.ts';
import { linesOf } from '../../../lab/replay/lines.ts';
import { scratch } from '../cli/files.ts';

const write = scratch();

async function linesIn(text: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(write('lines.txt', text))) lines.push(line);
  return lines;
}

describe('the lines of a file', () => {
  test('end at a newline and nowhere else', async () => {
    expect(await linesIn('a\u2028b\u2029c\u0085d\re\n\nf\r\ng')).toEqual(['a\u2028b\u2029c\u0085d\re', '', 'f', 'g']);
    expect(await linesIn('a\n')).toEqual(['a']);
    expect(await linesIn('')).toEqual([]);
  });

  test('begin behind a byte order mark, which is text where it stands elsewhere', async () => {
    expect(await linesIn('\ufeffa\n\ufeffb')).toEqual(['a', '\ufeffb']);
  });

  test('are whole however the file is read in pieces', async () => {
    const lines = Array.from({ length: 5 }, (_, index) => 'ü☃😀'.repeat(index * 20_000));
    expect(await linesIn(lines.join('\r\n'))).toEqual(lines);
  });
});

describe('a file of log lines', () => {
  const ts = '2026-11-23T22:00:05Z';
  const separated = JSON.stringify({ timestamp: ts, exception_msg: 'one\u2028two' });

  test('has a message whole that holds a separator of lines which is none here', async () => {
    const { lines, timeless } = await readLines(write('log.ndjson', `${separated}\n`), undefined);
    expect(timeless).toBe(0);
    expect(lines).toEqual([{ ts_ms: Date.parse(ts), message: separated }]);
  });

  test('of samples, too', async () => {
    const sample = { namespace: 'Tape', name: 'La\u2028g', timestamp: ts, value: 50 };
    const read = await readSamples(write('samples.ndjson', JSON.stringify(sample)));
    expect(read.map(({ id }) => id.name)).toEqual(['La\u2028g']);
  });
});
