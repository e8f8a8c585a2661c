import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { anchorOf, anchorsOf } from '../../core/logging/guide.ts';
import { PATTERNS } from '../../core/logging/patterns.ts';
import { toJq } from '../../core/logging/query.ts';
import { pageOf } from '../../scripts/storms/page.ts';
import { pathOfPage, renderPage } from '../../scripts/storms/pages.ts';
import { STORMS } from '../../scripts/storms/storms.ts';

const NAMES = Object.keys(STORMS);
const GUIDE = readFileSync(new URL('../../LOGGING_GUIDE.md', import.meta.url), 'utf8');
const linesOf = (name: string): string => pathOfPage(name).replace(/md$/, 'ndjson');
const pageFor = (name: string): string => readFileSync(pathOfPage(name), 'utf8');
/** The heading that a page leads to: title, anchor, cause. */
const HEADING = /^\[(.+)\]\(\.\.\/\.\.\/LOGGING_GUIDE\.md#(\S+)\): (.+)$/m;
/** Both ways of writing emphasis are one. */
const plain = (text: string): string => text.replaceAll(/[*_]/g, '');

describe('the page of a storm', () => {
  test.each(NAMES)('%s is what its lines and the catalogue say', (name) => {
    expect(pageFor(name)).toBe(renderPage(name));
  });

  test.each(NAMES)('%s leads to a heading of the guide, with a cause and the command that stand under it', (name) => {
    const page = pageFor(name);
    const [, title, anchor, quoted] = HEADING.exec(page) ?? [];
    expect([...anchorsOf(GUIDE)]).toContain(anchor);
    const { leadsTo, cause } = STORMS[name]!;
    if (leadsTo === 'health') return;
    const pattern = PATTERNS[leadsTo];
    expect([title, anchor]).toEqual([pattern.title, anchorOf(leadsTo)]);
    expect(page).toContain(`jq -c -n -R '${toJq(pattern.query)}' data/logs/*.ndjson\n`);
    const causes = pattern.causes.map(plain);
    if (cause === undefined) expect(plain(quoted!)).toBe(causes.join(' Or: '));
    else expect(causes.filter((text) => text === plain(quoted!) && text.includes(cause))).toHaveLength(1);
  });

  test('is of a storm that is made, and no other is there', () => {
    const files = NAMES.flatMap((name) => [`${name}.md`, `${name}.ndjson`]);
    expect(readdirSync(dirname(pathOfPage('any'))).toSorted()).toEqual(files.toSorted());
  });

  test.each(NAMES)('%s quotes no cause of another day of the week than its own', (name) => {
    const [, , , quoted] = HEADING.exec(pageFor(name)) ?? [];
    const { timestamp } = JSON.parse(readFileSync(linesOf(name), 'utf8').split('\n')[0]!) as { timestamp: string };
    const day = new Date(timestamp).toLocaleDateString('en-US', { weekday: 'long', timeZone: 'America/New_York' });
    for (const named of quoted!.match(/\b[A-Z]\w+day\b/g) ?? []) expect(named).toBe(day);
  });

  test('is not made where its words are no cause, or more than one', () => {
    const storm = STORMS['reconnect-storm']!;
    for (const cause of ['what no cause says', '`cause: disconnect`'])
      expect(() => pageOf('any', { ...storm, cause }, []), cause).toThrow(/no page was made/);
  });
});
