import { describe, expect, it } from 'vitest';
import { Slots } from '../../../local/clickhouse/slots.ts';

describe('Slots', () => {
  it('run no more than allowed, in order of arrival, and refuse what cannot wait', async () => {
    const slots = new Slots(2, 1);
    const started: string[] = [];
    const gates = new Map<string, () => void>();
    const start = (name: string): Promise<void> =>
      slots.run(async () => {
        started.push(name);
        await new Promise<void>((resolve) => gates.set(name, resolve));
      });
    const running = [start('a'), start('b'), start('c')];
    await expect(start('d')).rejects.toMatchObject({ code: 202 });
    expect(started).toEqual(['a', 'b']);
    gates.get('a')!();
    await running[0];
    await Promise.resolve();
    expect(started).toEqual(['a', 'b', 'c']);
    gates.get('b')!();
    gates.get('c')!();
    await Promise.all(running);
  });

  it('free their place when the work fails', async () => {
    const slots = new Slots(1, 0);
    await expect(slots.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(slots.run(() => Promise.resolve(1))).resolves.toBe(1);
  });
});
