import { z } from 'zod';
import { whenRead } from '../../core/contract/environment.ts';
import { DEFAULT_DATABASE } from '../../core/contract/names.ts';
import { secretName } from './secret-name.ts';

/** For who has no ClickHouse: one server on EC2, its data on a volume of its own. Off unless it is here. */
const host = z.strictObject({
  instanceType: z
    .string()
    .regex(/^[a-z]+[0-9]+g[a-z]*\.[a-z0-9]+$/, { error: 'must be an arm64 instance type, as t4g.large' })
    .default('t4g.large'),
  /**
   * An Amazon Linux 2023 image for arm64 in the stage's region. Named, not the latest: a newer one would replace the server at
   * the next deployment, while its volume is still held by the old one.
   */
  imageId: z.string().regex(/^ami-([0-9a-f]{8}|[0-9a-f]{17})$/),
  dataGiB: z.int().min(10).max(16_384).default(100),
});

/** The ClickHouse that the tape lands in. */
export const warehouse = z
  .strictObject({
    url: z.url({ protocol: /^https?$/ }).optional(),
    database: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
      .default(DEFAULT_DATABASE),
    user: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
    /** Its whole text is the password. */
    passwordSecret: secretName,
    host: host.optional(),
  })
  .refine(({ url, host: ours }) => url !== undefined || ours !== undefined, {
    path: ['url'],
    error: 'is required, or a host that is made here',
    when: whenRead(),
  })
  .refine(({ url, host: ours }) => url === undefined || ours === undefined, {
    path: ['url'],
    error: 'must not be there beside host: one ClickHouse or the other',
    when: whenRead(),
  })
  .refine(({ url }) => url === undefined || (new URL(url).username === '' && new URL(url).password === ''), {
    path: ['url'],
    error: 'must not hold credentials: they are in passwordSecret',
    when: whenRead('url'),
  });

export type WarehouseHostSettings = z.output<typeof host>;
