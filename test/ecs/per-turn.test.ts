import { expect, test } from 'vitest';
import { perTurn } from '../../ecs/per-turn.ts';

test('time stands still within a turn of the event loop, and is read anew in the next', async () => {
  let time = 0;
  const now = perTurn(() => ++time);
  expect([now(), now(), now()]).toEqual([1, 1, 1]);
  await Promise.resolve();
  expect([now(), now()]).toEqual([2, 2]);
});
