/** A regular expression that is not evaluated: where in its source, and why. */
export interface RegexFault {
  readonly message: string;
  readonly offset: number;
}

export interface Regex {
  readonly regex: RegExp;
  /** The name of each capturing group, in order; '' where it has none. */
  readonly groups: readonly string[];
}

/** Letters that mean the same after a backslash here and there. Others (\A, \z, \Q, \p …) would silently mean a letter. */
const ESCAPED_LETTERS = /[dDwWsSbBnrtfv0]/;
const ESCAPED_IN_CLASS = /[dDwWsSbnrtfv0]/;
/** `\x47`, `\x{47}`, `\u0047`; characters above U+FFFF are two in JavaScript and not supported. */
const CODE_POINT = /\\(?:x[\dA-Fa-f]{2}|u[\dA-Fa-f]{4}|x\{0*([\dA-Fa-f]{1,4})\})/y;
const NAMED_CLASS = /\[:\^?\w+:\]/y;
const FLAGS = /^\(\?([ims]+)(?:-[ims]+)?\)/;
const NEGATED_FLAGS = /^\(\?([ims]*)-([ims]+)\)/;
const GROUP_NAME = /^\(\?P?<([^>=!][^>]*)>/;

/** The expression as JavaScript runs it: `(?i)` holds to the end of its group, group names may hold what ours may not. */
export function regexOf(source: string): Regex | RegexFault {
  const groups: string[] = [];
  const closers: string[] = [];
  let open = '';
  let text = '';
  for (let i = 0; i < source.length; i++) {
    const char = source[i]!;
    const rest = source.slice(i);
    if (char === '\\' || char === '[') {
      const read = char === '[' ? classAt(source, i) : escapeAt(source, i);
      if ('message' in read) return read;
      text += read.text;
      i = read.end - 1;
    } else if (char === '(') {
      const flags = (NEGATED_FLAGS.exec(rest) ?? FLAGS.exec(rest))?.[0];
      if (flags !== undefined) {
        open += `${flags.slice(0, -1)}:`;
        text += `${flags.slice(0, -1)}:`;
        i += flags.length - 1;
        continue;
      }
      closers.push(open);
      open = '';
      const name = GROUP_NAME.exec(rest);
      if (name !== null) {
        groups.push(name[1]!);
        text += '(';
        i += name[0].length - 1;
      } else {
        if (source[i + 1] !== '?') groups.push('');
        text += '(';
      }
    } else if (char === ')') {
      text += `${closing(open)})`;
      open = closers.pop() ?? '';
    } else if (char === '|') {
      // A flag set in one alternative holds in those after it too.
      text += `${closing(open)}|${open}`;
    } else text += char;
  }
  try {
    return { regex: new RegExp(text + closing(open)), groups };
  } catch (error) {
    return { message: `the regular expression is not supported: ${String(error)}`, offset: 0 };
  }
}

/** A glob of parse: every `*` takes as little as the text after it leaves, the last one at the end takes the rest. */
export function globOf(glob: string): Regex {
  const parts = glob.split(/(?<!\\)\*/).map((part) => part.replaceAll('\\*', '*'));
  const literal = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
  const groups = Array.from({ length: parts.length - 1 }, () => '');
  const ending = parts.length > 1 && parts.at(-1) === '' ? '$' : '';
  return { regex: new RegExp(literal.join('([^]*?)') + ending), groups };
}

/** `open` holds the flag groups that were begun: each is closed by one parenthesis. */
function closing(open: string): string {
  return ')'.repeat(open.split('(').length - 1);
}

/** A part of the source, as JavaScript writes it, and where what follows it begins. */
interface Part {
  readonly text: string;
  readonly end: number;
}

/** The escape that begins here. */
function escapeAt(source: string, at: number, letters = ESCAPED_LETTERS): Part | RegexFault {
  const point = matchAt(CODE_POINT, source, at);
  if (point !== null) {
    const [text, digits] = point;
    // JavaScript takes braces for a repetition: \x{47} would be 47 times the letter x.
    return { text: digits === undefined ? text : `\\u${digits.padStart(4, '0')}`, end: at + text.length };
  }
  const next = source[at + 1] ?? '';
  if (/[A-Za-z0-9]/.test(next) && !letters.test(next)) {
    return { message: `\\${next} is not supported in a regular expression`, offset: at };
  }
  return { text: `\\${next}`, end: at + 2 };
}

/** The character class that begins here. */
function classAt(source: string, start: number): Part | RegexFault {
  const named = { message: '[:name:] is not supported in a regular expression', offset: start };
  if (matchAt(NAMED_CLASS, source, start) !== null) return named;
  let at = start + 1;
  let text = '[';
  if (source[at] === '^') {
    text += '^';
    at++;
  }
  // In PCRE a bracket that comes first is itself; in JavaScript it would end the class.
  if (source[at] === ']') {
    text += '\\]';
    at++;
  }
  while (at < source.length) {
    const char = source[at]!;
    if (char === ']') return { text: `${text}]`, end: at + 1 };
    if (char === '\\') {
      const escape = escapeAt(source, at, ESCAPED_IN_CLASS);
      if ('message' in escape) return escape;
      text += escape.text;
      at = escape.end;
      continue;
    }
    if (matchAt(NAMED_CLASS, source, at) !== null) return named;
    text += char;
    at++;
  }
  return { message: 'the character class has no end', offset: start };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
