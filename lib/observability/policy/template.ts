import { z } from 'zod';

const resource = z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) });
const template = z.object({ Resources: z.record(z.string(), resource).default({}) });

/** One resource of a synthesized template. */
export interface Resource {
  readonly templatePath: string;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Every resource of a template's JSON. Throws where it is no template: nothing was checked then. */
export function resourcesOf(json: string, templatePath: string): readonly Resource[] {
  const { Resources } = template.parse(JSON.parse(json));
  return Object.entries(Resources).map(([logicalId, { Type, Properties }]) => ({
    templatePath,
    logicalId,
    type: Type,
    properties: Properties,
  }));
}

/** What is known of a text before deployment: the parts that are not stand as `${…}`, equal where they will be equal. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.map(textOf).join(',');
  if (typeof value !== 'object' || value === null) return '';
  const join = (value as { 'Fn::Join'?: unknown })['Fn::Join'];
  if (Array.isArray(join) && Array.isArray(join[1])) return join[1].map(textOf).join(textOf(join[0]));
  return `\${${JSON.stringify(value)
    .replace(/[^A-Za-z0-9:.]+/g, ' ')
    .trim()}}`;
}

export function objectsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.filter((one): one is Readonly<Record<string, unknown>> => typeof one === 'object' && one !== null);
}

export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return objectsOf([value])[0] ?? {};
}
