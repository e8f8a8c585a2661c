import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LineSplitter } from '../../../local/process/lines.ts';

it('gives the same lines however the bytes arrive', () => {
  const line = fc.string({ unit: 'binary' }).map((text) => text.replaceAll(/[\r\n]/g, ' '));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), (lines, sizes) => {
      const bytes = Buffer.from(lines.map((one) => `${one}\n`).join(''));
      const splitter = new LineSplitter();
      const got: string[] = [];
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const size = sizes[i % sizes.length] ?? 1;
        got.push(...splitter.push(bytes.subarray(at, at + size)));
        at += size;
      }
      expect([...got, ...splitter.end()]).toEqual(lines.map((one) => Buffer.from(one).toString()));
    }),
  );
});

it('gives a last line without an end, keeps empty lines, and takes \\r\\n for an end', () => {
  const splitter = new LineSplitter();
  expect(splitter.push(Buffer.from('a\r\n\nb'))).toEqual(['a', '']);
  expect(splitter.end()).toEqual(['b']);
  expect(splitter.end()).toEqual([]);
});

it('hands a line without end on in pieces instead of keeping it', () => {
  const splitter = new LineSplitter(4);
  expect(splitter.push(Buffer.from('aaaabbbbcc'))).toEqual(['aaaa', 'bbbb']);
  expect(splitter.push(Buffer.from('ccdd\nx\n'))).toEqual(['cccc', 'dd', 'x']);
});
