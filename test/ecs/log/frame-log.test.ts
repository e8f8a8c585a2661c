import { expect, test } from 'vitest';
import type { EventLog } from '../../../core/logging/event-log.ts';
import { frameLog } from '../../../ecs/log/frame-log.ts';

function logged(every: number, frames: readonly string[]) {
  const lines: Readonly<Record<string, unknown>>[] = [];
  const log: EventLog = (_event, fields) => void lines.push({ ...fields });
  const hear = frameLog(log, every);
  // As the socket gives them: many frames in one piece of memory.
  const bytes = Buffer.from(frames.join(''));
  let start = 0;
  for (const [index, frame] of frames.entries()) {
    const end = start + Buffer.byteLength(frame);
    hear({ session_id: 's', connection: 2, frame_no: index + 1, bytes, start, end });
    start = end;
  }
  return lines;
}

test('every frame is a line with its number, its size and its beginning', () => {
  expect(logged(1, ['{"a":1}', '{"bc":2}'])).toEqual([
    { session_id: 's', connection: 2, frame_no: 1, bytes: 7, detail: '{"a":1}' },
    { session_id: 's', connection: 2, frame_no: 2, bytes: 8, detail: '{"bc":2}' },
  ]);
});

test('one frame in so many, the first one first', () => {
  const lines = logged(
    3,
    Array.from({ length: 8 }, () => '{}'),
  );
  expect(lines.map(({ frame_no }) => frame_no)).toEqual([1, 4, 7]);
});

test('of a large frame the beginning alone', () => {
  const [line] = logged(1, ['x'.repeat(100_000)]);
  expect(line).toMatchObject({ bytes: 100_000, detail: 'x'.repeat(200) });
});
