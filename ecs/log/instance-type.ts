import { z } from 'zod';

export interface InstanceHints {
  readonly INSTANCE_TYPE: string;
  readonly ECS_CONTAINER_METADATA_URI_V4: string;
  readonly AWS_EXECUTION_ENV: string;
}

/** The instance metadata service, IMDSv2. Source: AWS, "Use the Instance Metadata Service". */
const IMDS = 'http://169.254.169.254';
const TOKEN_SECONDS = 60;
/** All questions together; whoever does not answer by then is not there. */
const TIMEOUT_MS = 1_000;
const LOCAL = 'local';
/** Where AWS was asked and has not answered. */
export const UNKNOWN_INSTANCE = 'unknown';
/** The answer goes into a log line. */
const ANSWER_MAX_CHARS = 64;

const taskMetadata = z.object({
  LaunchType: z.string().default(''),
  Limits: z.object({ CPU: z.number().optional(), Memory: z.number().optional() }).default({}),
});

/**
 * Where the process runs: the EC2 type, `FARGATE` with its size, `local` where nothing says AWS (then nobody is asked),
 * `unknown` where AWS does not answer. Bounded in time; never rejects.
 */
export async function instanceType(hints: InstanceHints, imds: string = IMDS): Promise<string> {
  if (hints.INSTANCE_TYPE !== '') return hints.INSTANCE_TYPE;
  if (hints.ECS_CONTAINER_METADATA_URI_V4 === '' && hints.AWS_EXECUTION_ENV === '') return LOCAL;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const fargate = await fargateSize(hints.ECS_CONTAINER_METADATA_URI_V4, signal).catch(() => undefined);
  if (fargate !== undefined) return fargate;
  const type = await ec2Type(imds, signal).catch(() => UNKNOWN_INSTANCE);
  return /^[\w.-]+$/.test(type) ? type.slice(0, ANSWER_MAX_CHARS) : UNKNOWN_INSTANCE;
}

/** Undefined: the task runs on an EC2 instance. Source: AWS, "Amazon ECS task metadata endpoint version 4". */
async function fargateSize(uri: string, signal: AbortSignal): Promise<string | undefined> {
  if (uri === '') return undefined;
  const { LaunchType, Limits } = taskMetadata.parse(await (await fetch(`${uri}/task`, { signal })).json());
  if (LaunchType !== 'FARGATE') return undefined;
  const { CPU, Memory } = Limits;
  return CPU === undefined || Memory === undefined ? LaunchType : `${LaunchType} ${CPU} vCPU ${Memory} MiB`;
}

async function ec2Type(imds: string, signal: AbortSignal): Promise<string> {
  const headers = { 'X-aws-ec2-metadata-token-ttl-seconds': String(TOKEN_SECONDS) };
  const token = await textOf(await fetch(`${imds}/latest/api/token`, { method: 'PUT', headers, signal }));
  const asked = fetch(`${imds}/latest/meta-data/instance-type`, {
    headers: { 'X-aws-ec2-metadata-token': token },
    signal,
  });
  return await textOf(await asked);
}

async function textOf(answer: Response): Promise<string> {
  if (!answer.ok) throw new Error(`the metadata service answered ${answer.status}`);
  return (await answer.text()).trim();
}
