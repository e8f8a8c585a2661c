import { writeFile } from 'node:fs/promises';
import { generateDeltas, generateSnapshots } from '../../local/exchange/flood.ts';

/** Writes a recorded session in the documented shape, `{recv_ts, raw}` lines: confirmation, snapshots, deltas. Returns its frames. */
export async function writeRecordedSession(
  path: string,
  { seed, markets, deltas }: { readonly seed: number; readonly markets: number; readonly deltas: number },
): Promise<readonly string[]> {
  const raws = [
    '{"type":"subscribed","id":1,"msg":{"channel":"orderbook_delta","sid":1}}',
    ...generateSnapshots(seed, { markets }),
    ...generateDeltas(seed, deltas, { markets }),
  ].map((raw) => raw.trimEnd());
  const lines = raws.map((raw, index) => {
    const recv_ts = new Date(Date.UTC(2026, 0, 5) + index * 40).toISOString();
    return JSON.stringify({ recv_ts, raw });
  });
  await writeFile(path, `${lines.join('\n')}\n`);
  return raws;
}
