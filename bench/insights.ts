import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { insights } from '../lab/cli/insights.ts';
import { spreadOf } from './support/stats.ts';

/**
 * `node bench/insights.ts [--lines n] [--rounds n]`: Logs Insights queries over a file of log lines in our shape, about
 * 400 bytes each, through the command line's own function. The file is read once before, so that it is in the page
 * cache. Prints a table and at last one line of JSON; the file is removed.
 */
const QUERIES = {
  selective: 'filter event = "publish_retry" | stats count(*) by bin(1m)',
  unselective: 'stats count(*), avg(ingest_lag_sec), pct(ingest_lag_sec, 99) by event, bin(5m)',
  half: 'filter event = "heartbeat" | stats count(*) by bin(1m)',
  newest: 'fields @timestamp, event, ingest_lag_sec | filter ingest_lag_sec > 5 | sort @timestamp desc | limit 20',
} as const;

const LINES = 1_000_000;
const ROUNDS = 5;
/** What both queries that the bar is about have to stay below. */
const BAR_SEC = 3;
const START_MS = Date.UTC(2026, 10, 23);
const LINES_PER_WRITE = 10_000;

const { values } = parseArgs({ options: { lines: { type: 'string' }, rounds: { type: 'string' } } });
const lines = Number(values.lines ?? LINES);
const rounds = Number(values.rounds ?? ROUNDS);
const folder = mkdtempSync(join(tmpdir(), 'tape-insights-'));
try {
  const file = join(folder, 'log.ndjson');
  const bytes = writeLog(file, lines);
  process.stdout.write(`${lines} lines, ${Math.round(bytes / lines)} bytes each\n`);
  await run(QUERIES.selective, file);
  const seconds: Record<string, unknown> = {};
  for (const [name, query] of Object.entries(QUERIES)) {
    const times: number[] = [];
    let counts = '';
    for (let round = 0; round < rounds; round++) {
      const started = performance.now();
      counts = await run(query, file);
      times.push((performance.now() - started) / 1_000);
    }
    const { median, min, max } = spreadOf(times);
    seconds[name] = { median, min, max };
    const spread = `${median.toFixed(2)} s (${min.toFixed(2)}-${max.toFixed(2)})`;
    process.stdout.write(`${name.padEnd(12)} ${spread}  ${counts}\n`);
  }
  const date = new Date().toISOString();
  process.stdout.write(`${JSON.stringify({ date, node: process.version, lines, bytes, bar_sec: BAR_SEC, seconds })}\n`);
} finally {
  rmSync(folder, { recursive: true });
}

/** Gives the line of counts. Throws where the query does not run. */
async function run(query: string, file: string): Promise<string> {
  let last = '';
  const code = await insights(['--query', query, '--json', file], (line) => (last = line));
  if (code !== 0) throw new Error(`the query did not run: ${last}`);
  return last;
}

/** Heartbeats, blocks, batches and now and then a retry: one in a hundred. Gives the bytes written. */
function writeLog(file: string, count: number): number {
  const descriptor = openSync(file, 'w');
  let bytes = 0;
  try {
    for (let from = 0; from < count; from += LINES_PER_WRITE) {
      const block = Array.from({ length: Math.min(LINES_PER_WRITE, count - from) }, (_, i) => logLine(from + i));
      bytes += writeSync(descriptor, `${block.join('\n')}\n`);
    }
  } finally {
    closeSync(descriptor);
  }
  return bytes;
}

function logLine(i: number): string {
  const event = i % 100 === 7 ? 'publish_retry' : i % 2 === 0 ? 'heartbeat' : i % 4 === 1 ? 'publish_ok' : 'insert_ok';
  return JSON.stringify({
    level: event === 'publish_retry' ? 'WARN' : 'INFO',
    message: event,
    timestamp: new Date(START_MS + i * 80).toISOString(),
    service: 'kalshi-tape-streamer',
    log_seq: i + 1,
    component: event === 'heartbeat' ? 'streamer' : 'kinesis',
    event,
    ...(event === 'heartbeat' ? heartbeat(i) : batch(i, event)),
  });
}

function heartbeat(i: number): Readonly<Record<string, unknown>> {
  return {
    recorder_id: 'recorder-1',
    last_event_ts: new Date(START_MS + i * 80 - 17).toISOString(),
    ingest_lag_sec: Math.round(((i * 7919) % 6_000) + (i % 997)) / 1_000,
    rows_buffered: (i * 31) % 5_000,
    rows_written_total: i * 1_700,
    messages_per_sec: 1_700 + (i % 300),
    ws_state: 'live',
    reconnects_total: i % 7,
    gaps_open: 0,
    spool_blocks: 0,
    rss_mb: 180 + (i % 40),
  };
}

function batch(i: number, event: string): Readonly<Record<string, unknown>> {
  return {
    session_id: '20261123T000000123-9f3a1c',
    block_id: `20261123T000000123-9f3a1c:${i * 1_700}-${i * 1_700 + 1_699}`,
    blocks: 1 + (i % 3),
    rows: 1_700,
    bytes: 35_000 + (i % 9_000),
    duration_ms: 3 + (i % 40),
    ...(event === 'insert_ok' ? { ingest_lag_sec: (i % 2_000) / 1_000, table: 'orderbook_deltas' } : { span_sec: 10 }),
    detail: 'acknowledged in the order in which the blocks were cut',
  };
}
