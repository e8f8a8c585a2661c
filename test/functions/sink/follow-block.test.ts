import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { Sink } from '../../../functions/sink/sink.ts';
import { TestTape } from '../../support/blocks.ts';
import { deltaText } from '../../support/blocks-frames.ts';
import { eventOf, kinesisRecords } from '../../support/kinesis-event.ts';
import { failing, scriptedPorts } from './scripted-clickhouse.ts';

const GUIDE = readFileSync(new URL('../../../LOGGING_GUIDE.md', import.meta.url), 'utf8');
/** The program of the guide's command: what stands in its quotes. */
const [, PROGRAM] = /^jq -c -n -R --arg block \S+ '([^']+)' data\/logs/m.exec(GUIDE) ?? [];
const hasJq = spawnSync('jq', ['--version']).status === 0;

type Line = Readonly<Record<string, unknown>>;

const { clickhouse, clock, logged, ports } = scriptedPorts();
const sink = new Sink({ ...ports, onLanded: () => undefined }, { attempts: 2, timeoutMs: 20_000 });
const tape = new TestTape();
const BLOCKS = Array.from({ length: 6 }, (_, n) => {
  for (let frame = 1; frame <= 3; frame++) tape.frame(deltaText('KXA-1', 1, 3 * n + frame, { price: '0.4000' }));
  return tape.cut();
});
const idOf = (n: number): string => BLOCKS[n]!.header.block_id;

/** Batches of two blocks, the second delivered twice because ClickHouse failed. */
beforeEach(async () => {
  logged.length = 0;
  const batches = [BLOCKS.slice(0, 2), BLOCKS.slice(2, 4), BLOCKS.slice(2, 4), BLOCKS.slice(4, 6)];
  for (const [n, blocks] of batches.entries()) {
    clock.ms += 1_000;
    clickhouse.answer = () => {
      if (n === 1) throw failing('too_many_parts');
    };
    const records = kinesisRecords(blocks.map(({ record }) => record));
    await sink.handle(eventOf(records), { requestId: `request-${n}`, remainingMs: 60_000 });
  }
});

function followed(block: string, streamers: readonly Line[] = []): readonly Line[] {
  const sinks = logged.map(({ event, fields }, n) => ({ timestamp: String(n).padStart(9, '0'), event, ...fields }));
  const input = [...streamers, ...sinks].map((line) => `${JSON.stringify(line)}\n`).join('');
  const answer = spawnSync('jq', ['-c', '-n', '-R', '--arg', 'block', block, PROGRAM!], { input, encoding: 'utf8' });
  expect(answer.stderr).toBe('');
  const lines = answer.stdout.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Line);
}

test('the guide has the command that follows a block', () => {
  expect(PROGRAM).toBeDefined();
});

describe.skipIf(!hasJq)('the guide’s command (jq is not installed: skipped)', () => {
  test.each([2, 3])('finds all that befell the batch of a block, also where it is not the first: block %i', (n) => {
    const lines = followed(idOf(n));
    expect([...new Set(lines.map(({ aws_request_id }) => aws_request_id))]).toEqual(['request-1', 'request-2']);
    const events = lines.map(({ event }) => event);
    expect(events).toEqual(expect.arrayContaining(['insert_failed', 'sink_batch_failed', 'insert_done', 'sink_batch']));
  });

  test('finds the streamer’s line of that very block, and no other', () => {
    const published = [2, 3].map((n) => ({ timestamp: '0', event: 'block_published', block_id: idOf(n) }));
    expect(followed(idOf(3), published)[0]).toEqual(published[1]);
    expect(followed(idOf(3), published)).not.toContainEqual(published[0]);
  });

  test('is not misled by a session of another time', () => {
    expect(followed('20261122T100000000-aaaaaa:1-3')).toEqual([]);
    expect(followed('20261124T100000000-aaaaaa:1-3')).toEqual([]);
  });
});
