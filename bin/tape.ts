import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigurationError } from '../core/contract/environment.ts';
import { decodeBlock, type Entry } from '../core/tape/block.ts';
import { stageSettingsOf } from '../lib/stage/settings.ts';
import { shardsFor } from '../lib/stage/shards.ts';

const USAGE = `npm run tape -- block FILE...   what is in a spooled block (.ktb) or a failed batch (.json): a line per entry
npm run tape -- stage NAME       a stage's settings as deployed, from cdk.json
`;
const EXIT_FAULT = 1;
const EXIT_USAGE = 2;

const [command, ...args] = process.argv.slice(2);
try {
  if (command === 'block' && args.length > 0) args.forEach(showFile);
  else if (command === 'stage' && args[0] !== undefined) showStage(args[0]);
  else {
    process.stderr.write(USAGE);
    process.exitCode = EXIT_USAGE;
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof ConfigurationError ? EXIT_USAGE : EXIT_FAULT;
}

function showFile(file: string): void {
  const bytes = readFileSync(file);
  const records = file.endsWith('.json') ? recordsOfFailure(bytes.toString('utf8')) : [bytes];
  for (const record of records) {
    const decoded = decodeBlock(record);
    if (!decoded.ok) throw new Error(`${file} holds a record that is no block: ${decoded.fault}; it was not shown`);
    print(decoded.block.header);
    for (const entry of decoded.block.entries) print(shown(entry));
  }
}

function shown(entry: Entry): object {
  return entry.kind === 'marker' ? entry : { ...entry, raw: entry.raw.toString('utf8') };
}

/** A batch as Lambda writes it to its failure destination: the event, as text, in `payload`. */
function recordsOfFailure(text: string): Buffer[] {
  const { payload } = z.object({ payload: z.string() }).parse(JSON.parse(text));
  const event = z.object({ Records: z.array(z.object({ kinesis: z.object({ data: z.string() }) })) });
  return event.parse(JSON.parse(payload)).Records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64'));
}

function showStage(name: string): void {
  const cdk = JSON.parse(readFileSync(new URL('../cdk.json', import.meta.url), 'utf8')) as { context?: unknown };
  const settings = stageSettingsOf(cdk.context, name);
  print({ ...settings, shards: shardsFor(settings.expectedMessagesPerSecond) });
}

function print(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
