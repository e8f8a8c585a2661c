import type { Readable } from 'node:stream';
import { receiveBuffer } from './body.ts';
import { fault } from './errors.ts';

export function isForm(contentType: string | undefined): contentType is string {
  return contentType?.toLowerCase().startsWith('multipart/form-data') === true;
}

/** The fields of a multipart form (`query`, `param_x`, settings) as if they stood in the URL. Files (external tables) are refused. */
export async function readForm(
  body: Readable,
  encoding: string | undefined,
  contentType: string,
): Promise<[string, string][]> {
  const bytes = await receiveBuffer(body, encoding);
  let fields: FormData;
  try {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- for untrusted clients it is; ours are local and the size is bounded
    fields = await new Response(bytes, { headers: { 'content-type': contentType } }).formData();
  } catch (error) {
    throw fault('BAD_ARGUMENTS', 'The multipart form cannot be read', error);
  }
  return [...fields].map(([key, value]) => {
    if (typeof value !== 'string') throw fault('NOT_IMPLEMENTED', `External tables (${key}) are not offered here`);
    return [key, value];
  });
}
