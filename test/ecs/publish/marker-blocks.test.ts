import { expect, test } from 'vitest';
import { decodeBlock } from '../../../core/tape/block.ts';
import { Cutter } from '../../../ecs/publish/cutter.ts';
import { markerBlocks } from '../../../ecs/publish/marker-blocks.ts';
import type { EncodedBlock } from '../../../core/tape/block.ts';
import { blockOf, SUBSCRIBED } from '../blocks.ts';

test('the markers of a block keep their numbers, times and places without its frames', () => {
  const blocks: EncodedBlock[] = [];
  let now = 100;
  const ports = { now: () => now++, onBlock: (block: EncodedBlock) => blocks.push(block), onOversize: () => undefined };
  const cutter = new Cutter({ recorder_id: 'r', session_id: 's' }, { rows: 99, rawBytes: 1e6, age_us: 1e9 }, ports);
  cutter.marker(SUBSCRIBED);
  cutter.marker({ ...SUBSCRIBED, sid: 2 });
  cutter.frame('text', Buffer.from('a'));
  cutter.frame('text', Buffer.from('b'));
  cutter.marker({ ...SUBSCRIBED, sid: 3 });
  cutter.cut('age');
  const markersOf = (of: readonly EncodedBlock[]) =>
    of.flatMap(({ record }) => {
      const decoded = decodeBlock(record);
      return decoded.ok ? decoded.block.entries.filter(({ kind }) => kind === 'marker') : [];
    });
  const rescued = markerBlocks(blocks[0]!);
  expect(markersOf(rescued)).toEqual(markersOf(blocks));
  expect(markersOf(rescued)).toHaveLength(3);
  expect(rescued.map(({ header }) => header)).toMatchObject([
    { count: 0, markers: 2, session_id: 's' },
    { count: 0, markers: 1, session_id: 's' },
  ]);
  expect(new Set([...blocks, ...rescued].map(({ header }) => header.block_id)).size).toBe(3);
});

test('a block without markers leaves nothing', () => {
  expect(markerBlocks(blockOf({ frames: 3 }))).toEqual([]);
});
