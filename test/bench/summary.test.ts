import { describe, expect, it } from 'vitest';
import { readOptions } from '../../bench/options.ts';
import type { Measured, SenderReady } from '../../bench/streamer/messages.ts';
import { faultsOf, outcomeOf, type Round } from '../../bench/streamer/summary.ts';
import { isMet } from '../../bench/support/bars.ts';

const flood: SenderReady = { port: 1, frames: 1_000, bytes: 257_000, sha256: 'aa' };
const whole = { blocks: 1, recordBytes: 20_000, frames: 1_000, sha256: 'aa', gaps: 0, faults: 0, framesLost: 0 };

function pass(rate: number): Measured {
  return { frames: rate, wall_sec: 1, cpu_sec: 1, rss_bytes: 1e8 };
}

function round(count: number, parse: number, streamer: number): Round {
  return { count: pass(count), parse: pass(parse), streamer: { ...pass(streamer), recorded: whole } };
}

describe('the summary of the streamer benchmark', () => {
  it('takes ratios within a round, so that a slow round is no slow streamer', () => {
    const { bars, numbers } = outcomeOf([round(200, 50, 120), round(100, 25, 60), round(300, 75, 150)], flood, true);
    expect(numbers['of_count']).toEqual({ median: 0.6, min: 0.5, max: 0.6 });
    expect(bars.map(isMet)).toEqual([true, true]);
  });

  it('misses its bars where the streamer is slow', () => {
    expect(outcomeOf([round(200, 100, 90)], flood, true).bars.map(isMet)).toEqual([false, false]);
  });

  it('tells bytes a message and whether the cores were its own', () => {
    const { text, numbers } = outcomeOf([round(2, 1, 1)], flood, false);
    expect(numbers['bytes_per_message']).toMatchObject({ median: 20 });
    expect(text).toContain('not pinned');
  });
});

describe('what was recorded', () => {
  it('has no fault where it is whole', () => {
    expect(faultsOf({ ...pass(1), recorded: whole }, flood)).toEqual([]);
  });

  it.each([{ frames: 999 }, { sha256: 'bb' }, { gaps: 1 }, { faults: 2 }, { framesLost: 1 }])(
    'has one with %o',
    (lack) => {
      expect(faultsOf({ ...pass(1), recorded: { ...whole, ...lack } }, flood)).toHaveLength(1);
    },
  );

  it('is missing where nothing was recorded', () => {
    expect(faultsOf(pass(1), flood)).toHaveLength(1);
  });
});

describe('the options', () => {
  it('run streamer and block where nothing is named', () => {
    expect(readOptions([])).toMatchObject({ benches: ['streamer', 'block'], check: false });
    expect(readOptions(['all', '--check']).benches).toEqual(['streamer', 'block', 'kinesis']);
  });

  it.each([['everything'], ['--rounds', '0'], ['--records', 'many'], ['--fast']])('refuse %s %s', (...argv) => {
    expect(() => readOptions(argv)).toThrow();
  });
});
