import type { Condition } from './ast.ts';
import type { Cursor } from './cursor.ts';

/** Reads tests joined by && and ||, with parentheses; `readTest` reads one. Stops behind the last. */
export function readCondition<Test>(cursor: Cursor, readTest: (cursor: Cursor) => Test): Condition<Test> {
  return readChain(cursor, 'or', '||', () =>
    readChain(cursor, 'and', '&&', () => {
      if (!cursor.take('(')) return { kind: 'test', test: readTest(cursor) };
      const inside = readCondition(cursor, readTest);
      if (!cursor.take(')')) throw cursor.fail('&&, || or a closing parenthesis');
      return inside;
    }),
  );
}

/** Turns a condition into one function of what is tested. */
export function compileCondition<Test, Subject>(
  condition: Condition<Test>,
  compile: (test: Test) => (subject: Subject) => boolean,
): (subject: Subject) => boolean {
  if (condition.kind === 'test') return compile(condition.test);
  const parts = condition.of.map((part) => compileCondition(part, compile));
  return condition.kind === 'and'
    ? (subject) => parts.every((part) => part(subject))
    : (subject) => parts.some((part) => part(subject));
}

function readChain<Test>(
  cursor: Cursor,
  kind: 'or' | 'and',
  operator: string,
  readPart: () => Condition<Test>,
): Condition<Test> {
  const of: Condition<Test>[] = [];
  do {
    cursor.skipSpace();
    const part = readPart();
    if (part.kind === kind) of.push(...part.of);
    else of.push(part);
    cursor.skipSpace();
  } while (cursor.take(operator));
  return of.length === 1 ? of[0]! : { kind, of };
}
