import type { LabTemplate } from '../template/read-template.ts';

/**
 * The log group that a name means, whatever the case: its name or logical id; or else the one group with that last part
 * of its name (`/tape/streamer` is `streamer`); or else the one whose logical id begins so. undefined: none, or several.
 */
export function groupOf({ logGroups, metricFilters }: LabTemplate, name: string): string | undefined {
  const wanted = name.toLowerCase();
  if (wanted === '') return undefined;
  const known = new Map(metricFilters.map(({ logGroup }) => [logGroup, '']));
  for (const { name: group, logicalId } of logGroups) known.set(group, logicalId.toLowerCase());
  const groups = [...known].map(([group, logicalId]) => ({ group, text: group.toLowerCase(), logicalId }));
  const only = (matching: typeof groups): string | undefined =>
    matching.length === 1 ? matching[0]?.group : undefined;
  return (
    only(groups.filter(({ text, logicalId }) => text === wanted || logicalId === wanted)) ??
    only(groups.filter(({ text }) => text.split('/').at(-1) === wanted)) ??
    only(groups.filter(({ logicalId }) => logicalId.startsWith(wanted)))
  );
}
