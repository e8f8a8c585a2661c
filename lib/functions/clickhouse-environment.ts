import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { z } from 'zod';
import type { sinkEnv } from '../../core/contract/sink-env.ts';

/** How a function finds ClickHouse. */
export interface ClickHouseAccess {
  readonly url: string;
  readonly database: string;
  readonly user: string;
  /** Its whole text is the password. */
  readonly passwordSecret: ISecret;
}

type Variables = Readonly<
  Partial<Record<keyof z.input<typeof sinkEnv> | 'CLICKHOUSE_PASSWORD_SECRET' | 'GIT_COMMIT', string>>
>;

/** The variables that every function speaking to ClickHouse has. The names are the programs' own: a wrong one does not compile. */
export function clickhouseEnvironment(access: ClickHouseAccess, logLevel: string, gitCommit: string) {
  return {
    CLICKHOUSE_URL: access.url,
    CLICKHOUSE_DATABASE: access.database,
    CLICKHOUSE_USER: access.user,
    CLICKHOUSE_PASSWORD_SECRET: access.passwordSecret.secretArn,
    LOG_LEVEL: logLevel,
    GIT_COMMIT: gitCommit,
  } satisfies Variables;
}
