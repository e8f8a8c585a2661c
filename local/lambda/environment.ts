export interface FunctionIdentity {
  readonly functionName: string;
  readonly memoryLimitMb: number;
  readonly region: string;
  /** The module that exports `handler`: an absolute path. */
  readonly modulePath: string;
}

export const LOCAL_ACCOUNT = '000000000000';
const FUNCTION_VERSION = '$LATEST';

/** The variables Lambda reserves, with the values it would give (AWS: Lambda, "Defined runtime environment variables"). */
export function lambdaEnvironment(
  identity: FunctionIdentity,
  streamId: string,
  startedAt: Date,
): Record<string, string> {
  const day = startedAt.toISOString().slice(0, 10).replaceAll('-', '/');
  return {
    _HANDLER: `${identity.modulePath}.handler`,
    LAMBDA_TASK_ROOT: process.cwd(),
    TZ: ':UTC',
    LANG: 'en_US.UTF-8',
    AWS_REGION: identity.region,
    AWS_DEFAULT_REGION: identity.region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: identity.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: FUNCTION_VERSION,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(identity.memoryLimitMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${identity.functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `${day}/[${FUNCTION_VERSION}]${streamId}`,
  };
}
