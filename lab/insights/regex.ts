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
const ESCAPED_LETTERS = /[dDwWsSbBnrtfvxu0]/;
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
    if (char === '\\') {
      const next = source[i + 1] ?? '';
      if (/[A-Za-z0-9]/.test(next) && !ESCAPED_LETTERS.test(next)) {
        return { message: `\\${next} is not supported in a regular expression`, offset: i };
      }
      text += char + next;
      i++;
    } else if (char === '[') {
      const end = classEnd(source, i);
      if (end < 0) return { message: 'the character class has no end', offset: i };
      const inside = source.slice(i, end + 1);
      if (/\[:\w+:\]/.test(inside)) return { message: '[:name:] is not supported in a regular expression', offset: i };
      text += inside;
      i = end;
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

function classEnd(source: string, start: number): number {
  for (let i = start + 1; i < source.length; i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === ']' && i > start + 1) return i;
    else if (source[i] === '[' && source[i + 1] === ':') i = Math.max(i, source.indexOf(':]', i) + 1);
  }
  return -1;
}
