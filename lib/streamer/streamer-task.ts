import { Duration, Size, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Stream } from 'aws-cdk-lib/aws-kinesis';
import {
  AwsLogDriverMode,
  Capability,
  Compatibility,
  CpuArchitecture,
  LinuxParameters,
  LogDriver,
  NetworkMode,
  OperatingSystemFamily,
  Secret as EcsSecret,
  TaskDefinition,
} from 'aws-cdk-lib/aws-ecs';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { acknowledge } from '../policy/acknowledge.ts';
import type { Compute } from '../stage/compute.ts';
import type { StageSettings } from '../stage/settings.ts';
import { KALSHI_SECRET_KEYS, STATE_DIR, streamerEnvironment } from './streamer-environment.ts';
import { streamerImage } from './streamer-image.ts';

/** From SIGTERM to SIGKILL: the flush's bound of 60 s and its grace of 3 s fit. Fargate takes no more. */
const STOP_TIMEOUT_SEC = 120;
/** Lines wait here while CloudWatch Logs is slow; at our bytes per minute that is hours. */
const LOG_BUFFER_MIB = 25;
/** Started in place, with its spool still there. Not after a clean end, nor where the configuration is refused. */
const RESTART_IGNORED_EXIT_CODES = [0, 2];
const RESTART_PERIOD_SEC = 60;
/** Fargate's disk for a task, GiB: 20 are part of the price and hold the image too. */
const FARGATE_DISK_MIN_GIB = 21;
const FARGATE_DISK_MAX_GIB = 200;
const IMAGE_RESERVE_GIB = 10;
/** ecs/health.ts asks whether a socket was alive within its bound; so often, and after so many refusals ECS replaces the task. */
const HEALTH_INTERVAL_SEC = 30;
const HEALTH_TIMEOUT_SEC = 5;
/** Five minutes without a live socket: the streamer connects again by itself long before, a new task is the last remedy. */
const HEALTH_RETRIES = 10;
/** Failures do not count while the first connection is made. */
const HEALTH_START_SEC = 60;
/** The numbers of the Dockerfile's user. */
const USER = '1000:1000';
const VOLUME = 'state';

export interface StreamerTaskProps {
  readonly settings: StageSettings;
  readonly stream: Stream;
  readonly logGroup: ILogGroup;
  readonly clickhouseUrl: string;
  readonly gitCommit: string;
}

/** The streamer's task: one container that may read two keys of one secret and write records to one stream. */
export function streamerTask(scope: Construct, props: StreamerTaskProps): TaskDefinition {
  const { settings, stream, logGroup } = props;
  const task = new TaskDefinition(scope, 'Task', {
    ...placeOf(settings.compute, settings.spoolMb),
    // Of the task, not of the host: two streamers that overlap must never share a spool. It goes with the task, so a
    // process that dies is started again in the same task.
    volumes: [{ name: VOLUME }],
  });
  task.taskRole.addToPrincipalPolicy(
    new PolicyStatement({ actions: ['kinesis:PutRecords'], resources: [stream.streamArn] }),
  );
  const linuxParameters = new LinuxParameters(scope, 'Linux', { initProcessEnabled: true });
  linuxParameters.dropCapabilities(Capability.ALL);
  const secret = Secret.fromSecretNameV2(scope, 'KalshiKey', settings.kalshiKeySecret);
  const container = task.addContainer('streamer', {
    image: streamerImage(),
    essential: true,
    memoryLimitMiB: settings.compute.memoryMiB,
    environment: streamerEnvironment(settings, {
      streamName: stream.streamName,
      region: Stack.of(scope).region,
      clickhouseUrl: props.clickhouseUrl,
      gitCommit: props.gitCommit,
    }),
    secrets: Object.fromEntries(KALSHI_SECRET_KEYS.map((key) => [key, EcsSecret.fromSecretsManager(secret, key)])),
    user: USER,
    readonlyRootFilesystem: true,
    linuxParameters,
    stopTimeout: Duration.seconds(STOP_TIMEOUT_SEC),
    enableRestartPolicy: true,
    restartIgnoredExitCodes: RESTART_IGNORED_EXIT_CODES,
    restartAttemptPeriod: Duration.seconds(RESTART_PERIOD_SEC),
    healthCheck: {
      command: ['CMD', 'node', 'health.mjs'],
      interval: Duration.seconds(HEALTH_INTERVAL_SEC),
      timeout: Duration.seconds(HEALTH_TIMEOUT_SEC),
      retries: HEALTH_RETRIES,
      startPeriod: Duration.seconds(HEALTH_START_SEC),
    },
    logging: LogDriver.awsLogs({
      logGroup,
      streamPrefix: 'streamer',
      // Blocking would hold Node's event loop, and with it the socket, while Logs is slow. What is dropped shows as a
      // missing log_seq.
      mode: AwsLogDriverMode.NON_BLOCKING,
      maxBufferSize: Size.mebibytes(LOG_BUFFER_MIB),
    }),
  });
  acknowledge(task, 'ECS2', 'The variables hold no secret: the key comes from Secrets Manager.');
  const noResource = 'ecr:GetAuthorizationToken knows no resource; the image itself is named.';
  acknowledge(task, 'IAM5', noResource, 'Resource::*');
  container.addMountPoints({ sourceVolume: VOLUME, containerPath: STATE_DIR, readOnly: false });
  return task;
}

function placeOf(compute: Compute, spoolMb: number) {
  if (compute.kind === 'ec2') {
    // Bridge: the task goes out by the host's public address; in awsvpc mode on EC2 it would have none.
    return { compatibility: Compatibility.EC2, networkMode: NetworkMode.BRIDGE };
  }
  const diskGiB = Math.ceil(spoolMb / 1_024) + IMAGE_RESERVE_GIB;
  return {
    compatibility: Compatibility.FARGATE,
    runtimePlatform: { cpuArchitecture: CpuArchitecture.ARM64, operatingSystemFamily: OperatingSystemFamily.LINUX },
    networkMode: NetworkMode.AWS_VPC,
    cpu: String(compute.cpu),
    memoryMiB: String(compute.memoryMiB),
    ephemeralStorageGiB: Math.min(FARGATE_DISK_MAX_GIB, Math.max(FARGATE_DISK_MIN_GIB, diskGiB)),
  };
}
