import { describe, expect, test } from 'vitest';
import type { Drill } from '../../../local/drills/drill.ts';
import { faultsOf, type Outcome } from '../../../local/drills/judge.ts';
import { scoreOf, tableOf } from '../../../local/drills/table.ts';

const DRILL: Drill = {
  name: 'a fault',
  fault: 'Something.',
  during: () => Promise.resolve(),
  expect: {
    pages: ['warehouse_down'],
    tickets: ['set_aside'],
    alarms: ['clickhouse_full'],
    may: ['iterator_age'],
    within_min: 5,
  },
};
const AS_EXPECTED: Outcome = {
  pages: ['warehouse_down'],
  tickets: ['set_aside'],
  fired: ['clickhouse_full', 'iterator_age'],
  firstTold_min: 4,
  sickBefore: [],
  notOver: [],
  notRecalled: [],
};

test('a drill holds where everything came as expected, and consequences may come', () => {
  expect(faultsOf(DRILL, AS_EXPECTED)).toEqual([]);
  expect(faultsOf(DRILL, { ...AS_EXPECTED, fired: ['clickhouse_full'] })).toEqual([]);
});

describe('a drill does not hold where', () => {
  test.each<readonly [string, Partial<Outcome>]>([
    ['nobody was paged', { pages: [] }],
    ['one cause paged twice', { pages: ['warehouse_down', 'warehouse_down'] }],
    ['something else paged', { pages: ['warehouse_down', 'gap_storm'] }],
    ['a ticket is missing', { tickets: [] }],
    ['a ticket is too many', { tickets: ['set_aside', 'dead_feed'] }],
    ['an alarm did not fire', { fired: ['iterator_age'] }],
    ['an alarm fired that is neither expected nor allowed', { fired: ['clickhouse_full', 'disk_low'] }],
    ['it was told too late', { firstTold_min: 6 }],
    ['it was never told', { firstTold_min: undefined }],
    ['an alarm was on before', { sickBefore: ['not_live'] }],
    ['an alarm stayed on', { notOver: ['clickhouse_full'] }],
    ['nobody was told that it is over', { notRecalled: ['warehouse_down'] }],
  ])('%s', (_, changed) => {
    expect(faultsOf(DRILL, { ...AS_EXPECTED, ...changed })).toHaveLength(1);
  });
});

test('precision and recall count notifications, and false pages by themselves', () => {
  const rows = [
    { drill: DRILL, outcome: AS_EXPECTED, faults: [] },
    { drill: DRILL, outcome: { ...AS_EXPECTED, pages: ['gap_storm'], tickets: [] }, faults: ['two'] },
  ];
  expect(scoreOf(rows)).toEqual({ right: 2, wrong: 1, missed: 2, falsePages: 1, precision: 2 / 3, recall: 0.5 });
  expect(tableOf(rows)).toContain('!PAGE gap_storm, -PAGE warehouse_down, -ticket set_aside');
});
