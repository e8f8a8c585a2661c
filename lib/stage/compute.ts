import { z } from 'zod';
import { whenRead } from '../../core/contract/environment.ts';

/** Fargate's task sizes: CPU units to the memory they may have, MiB (AWS: "Task CPU and memory"). */
const FARGATE_MEMORY_MIB: Readonly<Record<number, readonly number[]>> = {
  256: [512, 1_024, 2_048],
  512: steps(1_024, 4_096),
  1_024: steps(2_048, 8_192),
  2_048: steps(4_096, 16_384),
  4_096: steps(8_192, 30_720),
};

/** Two streamers at their measured worst (230 MB resident at full speed) fit beside each other while one takes over. */
const DEFAULT_TASK_MEMORY_MIB = 640;

/** What an instance has, MiB: t4g, whose sizes are too small for a careless task (AWS: "Amazon EC2 T4g instances"). */
const INSTANCE_MEMORY_MIB: Readonly<Record<string, number>> = {
  't4g.nano': 512,
  't4g.micro': 1_024,
  't4g.small': 2_048,
  't4g.medium': 4_096,
  't4g.large': 8_192,
  't4g.xlarge': 16_384,
  't4g.2xlarge': 32_768,
};

const ec2 = z
  .strictObject({
    kind: z.literal('ec2'),
    /** An arm64 type; the image is built for no other processor. */
    instanceType: z
      .string()
      .regex(/^[a-z]+[0-9]+g[a-z]*\.[a-z0-9]+$/, { error: 'must be an arm64 instance type, as t4g.small' })
      .default('t4g.small'),
    memoryMiB: z.int().min(256).max(65_536).default(DEFAULT_TASK_MEMORY_MIB),
  })
  // All of it is too much already: the kernel keeps a part, and ECS would wait for a host that never comes.
  .refine(({ instanceType, memoryMiB }) => memoryMiB < (INSTANCE_MEMORY_MIB[instanceType] ?? Infinity), {
    path: ['memoryMiB'],
    error: ({ input }) => `no such host has it free for a task: ${JSON.stringify(input)}`,
    when: whenRead('instanceType', 'memoryMiB'),
  });

const fargate = z
  .strictObject({
    kind: z.literal('fargate'),
    cpu: z.int().default(256),
    memoryMiB: z.int().default(1_024),
  })
  .refine(({ cpu, memoryMiB }) => FARGATE_MEMORY_MIB[cpu]?.includes(memoryMiB) === true, {
    path: ['memoryMiB'],
    error: ({ input }) => `Fargate has no task of this size: ${JSON.stringify(input)}`,
    when: whenRead('cpu', 'memoryMiB'),
  });

/** Where the streamer's task runs. */
export const compute = z.discriminatedUnion('kind', [ec2, fargate], {
  error: ({ input }) => (input === undefined ? undefined : 'must be ec2 or fargate'),
});

export type Compute = z.output<typeof compute>;
export type Ec2Compute = z.output<typeof ec2>;

function steps(from: number, to: number): number[] {
  const step = 1_024;
  return Array.from({ length: (to - from) / step + 1 }, (_, n) => from + n * step);
}
