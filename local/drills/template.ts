import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type LabTemplate, readTemplate } from '../../lab/template/read-template.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Whose alarms are drilled. */
export const STAGE = 'prod';
const SYNTH_TIMEOUT_MS = 120_000;

/** The template that would be deployed, as CDK makes it of the stage `prod`; or one that was made before, from a file. */
export async function deployedTemplate(file?: string): Promise<LabTemplate> {
  const text = file === undefined ? await synthesized() : await readFile(file, 'utf8');
  const template = readTemplate(JSON.parse(text));
  if (template.alarms.length === 0) throw new Error(`the stack of ${STAGE} has no alarm; nothing was drilled`);
  return template;
}

async function synthesized(): Promise<string> {
  const out = await mkdtemp(join(tmpdir(), 'tape-drill-synth-'));
  try {
    const { context } = JSON.parse(await readFile(join(ROOT, 'cdk.json'), 'utf8')) as { context: object };
    const env = {
      ...process.env,
      CDK_OUTDIR: out,
      CDK_CONTEXT_JSON: JSON.stringify({ ...context, stage: STAGE }),
    };
    const options = { cwd: ROOT, env, timeout: SYNTH_TIMEOUT_MS };
    await promisify(execFile)(process.execPath, ['bin/app.ts'], options);
    return await readFile(join(out, `KalshiTape-${STAGE}.template.json`), 'utf8');
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}
