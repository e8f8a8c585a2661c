import type { Context } from 'aws-lambda';
import { LOCAL_ACCOUNT } from './environment.ts';

/** Without the three callbacks of the first runtimes, which nodejs24.x no longer has. */
export type LambdaContext = Omit<Context, 'done' | 'fail' | 'succeed'>;

/** Made from the environment variables the process was started with, as Lambda's own runtime does. */
export function contextOf(awsRequestId: string, deadlineAt: number): LambdaContext {
  const functionName = variable('AWS_LAMBDA_FUNCTION_NAME');
  return {
    awsRequestId,
    functionName,
    functionVersion: variable('AWS_LAMBDA_FUNCTION_VERSION'),
    invokedFunctionArn: `arn:aws:lambda:${variable('AWS_REGION')}:${LOCAL_ACCOUNT}:function:${functionName}`,
    memoryLimitInMB: variable('AWS_LAMBDA_FUNCTION_MEMORY_SIZE'),
    logGroupName: variable('AWS_LAMBDA_LOG_GROUP_NAME'),
    logStreamName: variable('AWS_LAMBDA_LOG_STREAM_NAME'),
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadlineAt - Date.now()),
  };
}

function variable(name: string): string {
  return process.env[name] ?? '';
}
