import { expect, test } from 'vitest';
import { isWhole, type Reconciliation, renderReconciliation } from '../../local/report.ts';

const WHOLE: Reconciliation = {
  simulator: undefined,
  sessions: 1,
  received: 100,
  published: 100,
  dropped: 0,
  crashes: 0,
  landed: { frames: 100, distinct: 100, rows: {}, blocks: 4, distinctBlocks: 4, rejects: 0, gaps: 0, gapsOpen: 0 },
  eventSource: { sentToDestination: 0 } as Reconciliation['eventSource'],
  streamerExit: 0,
  duplicatesSkipped: 0,
};
const render = (r: Reconciliation): string => renderReconciliation(r, 'tape/data');
const lineOf = (text: string, name: string): string => text.split('\n').find((line) => line.includes(name)) ?? '';

test('a run is whole where every frame received landed once, and nothing else is', () => {
  expect(isWhole(WHOLE)).toBe(true);
  expect(render(WHOLE)).toContain('\nEvery frame received is in ClickHouse exactly once.\n');
  const { landed } = WHOLE;
  const broken: readonly Partial<Reconciliation>[] = [
    { received: 101 },
    { dropped: 1 },
    { crashes: 1 },
    { streamerExit: 1 },
    { streamerExit: null },
    { landed: { ...landed, frames: 101 } },
    { landed: { ...landed, distinct: 99 } },
    { landed: { ...landed, blocks: 5 } },
  ];
  for (const fault of broken) {
    expect(isWhole({ ...WHOLE, ...fault })).toBe(false);
    expect(render({ ...WHOLE, ...fault })).toContain('\nNOT ');
  }
});

test('a dead streamer counts up to what landed of it, as a lower bound, and the verdict names the hole', () => {
  const text = render({ ...WHOLE, received: 90, published: 90, crashes: 1 });
  expect(lineOf(text, 'frames received')).toMatch(/ >= 100$/);
  expect(lineOf(text, 'frames published')).toMatch(/ >= 100$/);
  expect(lineOf(text, 'times the streamer died')).toMatch(/ 1$/);
  expect(text).toContain('recorder_crashed');
});

test('what a dead streamer had received and not published is that hole; what it had published must have landed', () => {
  const text = render({ ...WHOLE, received: 110, crashes: 1 });
  expect(lineOf(text, 'frames received')).toMatch(/ >= 110$/);
  expect(text).toContain('recorder_crashed');
  expect(render({ ...WHOLE, published: 101, crashes: 1 })).toContain('see the lines that differ above');
});

test('a run without a single connection is not whole though nothing is missing, and the verdict says where to look', () => {
  const nothing = { ...WHOLE, sessions: 0, received: 0, published: 0 };
  const refused = { ...nothing, landed: { ...WHOLE.landed, frames: 0, distinct: 0, blocks: 0, distinctBlocks: 0 } };
  expect(isWhole(refused)).toBe(false);
  expect(render(refused)).toContain(
    '\nNothing was received: no connection to the exchange was ever open, see tape/data/logs/streamer.ndjson\n',
  );
  expect(isWhole({ ...refused, sessions: 1 })).toBe(true);
});
