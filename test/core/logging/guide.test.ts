import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { anchorOf, anchorsOf, renderGuide } from '../../../core/logging/guide.ts';
import { type PatternName, PATTERNS } from '../../../core/logging/patterns.ts';

const GUIDE = readFileSync(new URL('../../../LOGGING_GUIDE.md', import.meta.url), 'utf8');

describe('the guide', () => {
  test('is what the catalogue says', () => {
    expect(renderGuide(GUIDE)).toBe(GUIDE);
  });

  test('has a heading at every anchor that an alarm may link to, each its own', () => {
    const anchors = Object.keys(PATTERNS).map((name) => anchorOf(name as PatternName));
    expect(new Set(anchors).size).toBe(anchors.length);
    for (const anchor of anchors) expect([...anchorsOf(GUIDE)]).toContain(anchor);
  });

  test('links to headings that are there', () => {
    const links = [...GUIDE.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor!);
    expect(links.length).toBeGreaterThan(0);
    for (const link of links) expect([...anchorsOf(GUIDE)]).toContain(link);
  });

  test('loses no text where a marker is missing: it is not written at all', () => {
    expect(() => renderGuide(GUIDE.replace('<!-- generated:alarms -->', ''))).toThrow(/nothing was written/);
  });
});

describe('anchors, as GitHub makes them', () => {
  test('lower case, punctuation gone, blanks to hyphens, repeats numbered', () => {
    const text = [
      '# DNS or network',
      '## Frames lost: spool, disk',
      '### `a_b` & c',
      '## Same',
      '## Same',
      '## Ünïcode’s',
    ];
    expect([...anchorsOf(text.join('\n\n'))]).toEqual([
      'dns-or-network',
      'frames-lost-spool-disk',
      'a_b--c',
      'same',
      'same-1',
      'ünïcodes',
    ]);
  });

  test('a comment of a shell between fences is no heading', () => {
    expect([...anchorsOf('# One\n\n```sh\n# two\n```\n\n# Three\n')]).toEqual(['one', 'three']);
  });
});
