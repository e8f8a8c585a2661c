import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { decodeBlock, type Entry } from '../../core/tape/block.ts';
import { type CommandPorts, DONE, UsageError } from './command.ts';

/** What is in a spooled block (.ktb) or a failed batch (.json): its header, then a line per entry. */
export function block(files: readonly string[], { out }: Pick<CommandPorts, 'out'>): number {
  if (files.length === 0) throw new UsageError('no file is named');
  for (const file of files) showFile(file, (value) => out(JSON.stringify(value)));
  return DONE;
}

function showFile(file: string, print: (value: object) => void): void {
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
