import { type Field, FIELDS } from '../../../core/logging/fields.ts';
import { PLATFORM_FIELDS } from '../../../core/logging/query.ts';

/** Fields that lines have beside the catalogue's: the envelope, and what Logs Insights adds. */
const ENVELOPE = ['level', 'message', 'timestamp', 'service', 'component', 'event'];
const ADDED = ['@timestamp', '@message', '@log', '@logStream', '@ingestionTime', '@duration'];
const WORDS = [
  ...['fields', 'display', 'filter', 'stats', 'sort', 'limit', 'parse', 'dedup', 'source'],
  ...['by', 'as', 'asc', 'desc', 'and', 'or', 'not', 'in', 'like', 'true', 'false'],
];

const KNOWN: ReadonlySet<string> = new Set([...ENVELOPE, ...ADDED, ...WORDS]);
/** Texts and regular expressions hold no field names. */
const LITERALS = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\/(?:[^/\\\n]|\\.)+\/i?/g;
const ALIAS = /\bas\s+([A-Za-z_]\w*)/g;
/** A name, unless a parenthesis makes it a function. */
const NAME = /(?<![\w.@])[@A-Za-z_][\w@]*(?:\.\w+)*(?![\w.@])(?!\s*\()/g;

/** Fields that a Logs Insights query names and no line of ours has. */
export function unknownFields(query: string): readonly string[] {
  const text = query.replace(LITERALS, ' ');
  const aliases = new Set([...text.matchAll(ALIAS)].map(([, alias]) => alias));
  const names = [...text.matchAll(NAME)].map(([name]) => name);
  return [...new Set(names)]
    .filter((name) => !KNOWN.has(name.toLowerCase()) && !KNOWN.has(name))
    .filter((name) => !aliases.has(name) && !isField(name));
}

function isField(name: string): boolean {
  if (PLATFORM_FIELDS.some((field) => field === name)) return true;
  const [field, ...part] = name.split('.');
  const known = (FIELDS as Readonly<Record<string, Field>>)[field!];
  if (known === undefined) return false;
  if (part.length === 0) return true;
  return part.length === 1 && (known.type === 'counts' || (known.type === 'strings' && /^\d+$/.test(part[0]!)));
}
