import type { Secret } from './secret.ts';

const HIDDEN = '***';
/** A known secret shorter than this is not searched for: it would tear holes into everything. */
const MIN_SECRET_CHARS = 6;
/** Pieces of a multi-line secret (a PEM body) that are searched for by themselves. */
const MIN_PIECE_CHARS = 24;

/** What betrays a secret by its looks, whoever printed it. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, '[private key]'],
  [/\/\/[^/\s"'@]{1,512}@/g, `//${HIDDEN}@`],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, HIDDEN],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9+/._~-]{8,}=*/gi, `$1 ${HIDDEN}`],
  // All of it, whatever it holds: its text may be JSON again.
  [/(secretstring\\*"\s*:\s*\\*")(?:[^"\\]|\\.)*/gi, `$1${HIDDEN}`],
  // No pattern for what stands before the word: one that repeats takes forever on a long word without a match.
  [
    /((?:password|passwd|secret(?:string)?|api[_-]?key|private[_-]?key|access[_-]?key|clickhouse[_-]key|authorization|signature)\\*["']?\s*[:=]\s*\\*["']?)[^\s"',&}\\]{3,}/gi,
    `$1${HIDDEN}`,
  ],
  // `sessionToken:`, `X-Amz-Security-Token:`, `"token":` and `token=`, but not "Unrecognized token: Syntax error", nor the
  // token by which ClickHouse knows an insert again.
  [
    /((?:(?<=[a-z_-])(?<!deduplication_)token\\*["']?\s*:|["']token\\*["']\s*:|(?<!deduplication_)token\s*=)\s*\\*["']?)[^\s"',&}\\]{3,}/gi,
    `$1${HIDDEN}`,
  ],
  // But for a shell's working directory.
  [/(pwd\\*["']?\s*[:=]\s*\\*["']?)(?!\/)[^\s"',&}\\]{3,}/gi, `$1${HIDDEN}`],
];

/** The last line of defence: takes secrets out of text that is about to be printed. Idempotent; JSON stays JSON. */
export class Redactor {
  #known: readonly string[] = [];

  /** `secrets`: values that must never appear, in whatever usual encoding. */
  constructor(secrets: readonly Secret[]) {
    this.add(...secrets);
  }

  /** Secrets that became known later. */
  add(...secrets: readonly Secret[]): void {
    const forms = new Set([...this.#known, ...secrets.flatMap((secret) => formsOf(secret.reveal()))]);
    // Longest first: a whole secret goes before a piece of it.
    this.#known = [...forms].sort((a, b) => b.length - a.length);
  }

  clean(text: string): string {
    let cleaned = text;
    for (const form of this.#known) if (cleaned.includes(form)) cleaned = cleaned.replaceAll(form, HIDDEN);
    for (const [pattern, replacement] of PATTERNS) cleaned = cleaned.replace(pattern, replacement);
    return cleaned;
  }
}

/** The ways in which a secret may come to stand in a line: as it is, in JSON, in a URL, in base64, in pieces. */
function formsOf(secret: string): readonly string[] {
  const text = secret.trim();
  if (text.length < MIN_SECRET_CHARS) return [];
  const json = JSON.stringify(text).slice(1, -1);
  const base64 = Buffer.from(text).toString('base64');
  const pieces = text
    .split(/\r?\n|\\n/)
    .filter((piece) => piece.length >= MIN_PIECE_CHARS && !piece.startsWith('-----'));
  return [
    text,
    json,
    JSON.stringify(json).slice(1, -1),
    encodeURIComponent(text),
    base64,
    base64.replace(/=+$/, ''),
    ...pieces,
  ];
}
