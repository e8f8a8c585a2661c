import { significantTokens } from './tokens.ts';

/**
 * Whether a rendered statement does no harm when it runs again, judged by its form: `CREATE … IF NOT EXISTS`,
 * `CREATE OR REPLACE` of what holds no rows, `DROP … IF EXISTS`, and ALTER TABLE whose every command is of such a form.
 * CREATE OR REPLACE TABLE is not: a second run would empty the table.
 */
export function isIdempotent(statement: string): boolean {
  const commands = commandsOf(statement);
  const head = commands[0] ?? '';
  if (/^CREATE OR REPLACE (VIEW|DICTIONARY|FUNCTION|USER|ROLE|ROW POLICY|QUOTA|SETTINGS PROFILE) /.test(head))
    return true;
  if (/^CREATE ([A-Z]+ ){1,2}IF NOT EXISTS /.test(head)) return true;
  if (/^DROP ([A-Z]+ ){1,2}IF EXISTS /.test(head)) return true;
  if (!head.startsWith('ALTER TABLE ')) return false;
  const [first, ...rest] = [head.replace(ALTER_HEAD, ''), ...commands.slice(1)];
  // A query's own commas are not commands; a list of settings continues with `name = value`.
  if (first.startsWith('MODIFY QUERY ')) return true;
  return [first, ...rest].every(
    (command) => ALTER_COMMAND.test(command) || (first.startsWith('MODIFY SETTING ') && /^\w+ = /.test(command)),
  );
}

const ALTER_HEAD = /^ALTER TABLE (IF EXISTS )?\S+( \. \S+)?( ON CLUSTER \S+)? /;
const ALTER_COMMAND = new RegExp(
  [
    '^ADD (COLUMN|INDEX|PROJECTION|CONSTRAINT|STATISTICS) IF NOT EXISTS ',
    '^(DROP|CLEAR|RENAME) (COLUMN|INDEX|PROJECTION|CONSTRAINT|STATISTICS) IF EXISTS ',
    '^MODIFY (COLUMN|SETTING|TTL|COMMENT|STATISTICS) ',
    '^RESET SETTING ',
    '^COMMENT COLUMN ',
  ].join('|'),
);

/** Words in capitals and symbols, one space apart, cut at commas outside parentheses: `['CREATE TABLE IF …', …]`. */
function commandsOf(statement: string): string[] {
  const commands: string[] = [''];
  let depth = 0;
  for (const token of significantTokens(statement)) {
    const text = statement.slice(token.start, token.end);
    if (text === '(') depth += 1;
    if (text === ')') depth -= 1;
    if (text === ',' && depth === 0) commands.push('');
    else
      commands.push(`${commands.pop()!}${token.kind === 'word' ? text.toUpperCase() : text.replaceAll(/\s/g, '_')} `);
  }
  return commands;
}
