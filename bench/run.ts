import { benchStreamer } from './streamer/bench.ts';
const o = await benchStreamer({rounds: 2, frames: 1_500_000}, (l) => process.stderr.write(l + '\n'));
process.stdout.write(o.text);
