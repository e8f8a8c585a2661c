import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Stdout } from '../../../ecs/log/stdout.ts';

const MB = 1_048_576;

/** A descriptor that takes as much as it is told to, and what it took. */
class Reader {
  readonly #parts: Buffer[] = [];
  /** Bytes of the next writes; beyond the list, everything. An error's code: the write throws it. */
  script: (number | string)[] = [];
  room = Number.POSITIVE_INFINITY;
  fault: string | undefined;
  readonly waiting: (() => void)[] = [];
  readonly pauses: number[] = [];

  readonly ports = {
    writeSome: (bytes: Uint8Array): number => {
      const next = this.fault ?? this.script.shift();
      if (typeof next === 'string') throw Object.assign(new Error(next), { code: next });
      if (this.room === 0) throw Object.assign(new Error('full'), { code: 'EAGAIN' });
      const taken = Math.min(bytes.length, next ?? bytes.length, this.room);
      this.room -= taken;
      this.#parts.push(Buffer.from(bytes.subarray(0, taken)));
      return taken;
    },
    later: (action: () => void): void => void this.waiting.push(action),
    pause: (ms: number): void => void this.pauses.push(ms),
  };

  get text(): string {
    return Buffer.concat(this.#parts).toString();
  }

  turn(): void {
    for (const action of this.waiting.splice(0)) action();
  }
}

describe('stdout', () => {
  test('has a line in the same turn: it is out before the process is', () => {
    const reader = new Reader();
    new Stdout(reader.ports).write('crashed\n');
    expect(reader.text).toBe('crashed\n');
  });

  test('goes on where a write was cut off', () => {
    const reader = new Reader();
    reader.script = [3, 1];
    new Stdout(reader.ports).write('crashed\n');
    expect(reader.text).toBe('crashed\n');
  });

  test('keeps lines in order for a reader who is behind', () => {
    const reader = new Reader();
    const stdout = new Stdout(reader.ports);
    reader.room = 4;
    for (const line of ['one\n', 'two\n', 'three\n']) stdout.write(line);
    expect(reader.text).toBe('one\n');
    reader.room = 6;
    reader.turn();
    expect(reader.text).toBe('one\ntwo\nth');
    reader.room = Number.POSITIVE_INFINITY;
    reader.turn();
    expect(reader.text).toBe('one\ntwo\nthree\n');
    expect(stdout.lost).toEqual({ lines: 0, bytes: 0 });
  });

  test('bounds what waits for a reader who never comes, keeps the newest and counts the others exactly', () => {
    const reader = new Reader();
    const stdout = new Stdout(reader.ports);
    reader.room = 5;
    const line = (index: number): string => `${String(index).padStart(9)}\n`;
    const count = 200_000;
    for (let index = 0; index < count; index++) stdout.write(line(index));
    reader.room = Number.POSITIVE_INFINITY;
    reader.turn();
    const got = reader.text.split('\n').slice(0, -1);
    expect(got.length + stdout.lost.lines).toBe(count);
    expect(stdout.lost.bytes).toBe(stdout.lost.lines * 10);
    expect(reader.text.length).toBeLessThanOrEqual(MB + 10);
    // The first was cut off and is ended; after it the newest.
    expect(`${got[0]}\n`).toBe(line(0));
    expect(`${got.at(-1)}\n`).toBe(line(count - 1));
  });

  test.each(['EPIPE', 'ENOSPC', 'EIO'])('survives %s, counts what it cost and goes on when it is over', (code) => {
    const reader = new Reader();
    const stdout = new Stdout(reader.ports);
    reader.fault = code;
    for (let index = 0; index < 3; index++) stdout.write('lost\n');
    expect(stdout.lost).toEqual({ lines: 3, bytes: 15 });
    reader.fault = undefined;
    stdout.write('here\n');
    expect(reader.text).toBe('here\n');
  });

  test('begins on a line of its own behind one that the disk cut off', () => {
    const reader = new Reader();
    const stdout = new Stdout(reader.ports);
    reader.script = [2, 'ENOSPC'];
    stdout.write('torn\n');
    stdout.write('whole\n');
    expect(reader.text).toBe('to\nwhole\n');
    expect(stdout.lost.lines).toBe(1);
  });

  test('waits for the reader at the end of the process, and no longer than told', () => {
    const reader = new Reader();
    const stdout = new Stdout(reader.ports);
    reader.room = 0;
    stdout.write('crashed\n');
    stdout.flushSync(100);
    expect(reader.pauses.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(100);
    expect(reader.text).toBe('');
    reader.room = Number.POSITIVE_INFINITY;
    stdout.flushSync(100);
    expect(reader.text).toBe('crashed\n');
  });

  test('writes every line once, whole and in order, however writes are cut', () => {
    const writes = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant('EAGAIN')), { maxLength: 60 });
    fc.assert(
      fc.property(writes, fc.array(fc.stringMatching(/^[a-zé]{0,9}$/), { maxLength: 20 }), (script, lines) => {
        const reader = new Reader();
        const stdout = new Stdout(reader.ports);
        reader.script = [...script];
        for (const line of lines) stdout.write(`${line}\n`);
        for (let turns = 0; turns <= script.length; turns++) reader.turn();
        expect(reader.text).toBe(lines.map((line) => `${line}\n`).join(''));
        expect(stdout.lost.lines).toBe(0);
      }),
    );
  });
});
