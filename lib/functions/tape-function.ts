import { Duration } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
} from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { tapeLogGroup } from '../logs/tape-log-group.ts';
import { assetDirectory, bundleProgram } from '../bundle/program.ts';
import { acknowledge } from '../policy/acknowledge.ts';
import { mayReadSecret } from '../policy/may-read-secret.ts';

const MODULE = 'index';

/** Where a function stands when ClickHouse is in our VPC; else it needs none. */
export interface FunctionPlace {
  readonly vpc: IVpc;
  readonly subnets: SubnetSelection;
  readonly securityGroup: ISecurityGroup;
  /** Secrets Manager as it is reached from there. */
  readonly secretsEndpoint: string;
}

export interface TapeFunctionProps {
  /** The handler's file, relative to the project. */
  readonly entry: string;
  readonly description: string;
  readonly memoryMb: number;
  readonly timeoutSec: number;
  readonly reservedConcurrency?: number | undefined;
  /** Never a secret: whoever may read the function's configuration reads it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly logLevel: 'DEBUG' | 'INFO';
  readonly logRetentionDays: number;
  readonly place?: FunctionPlace | undefined;
}

/** A Lambda function of ours: one bundled file, a log group and a role of its own that may write nothing but that log. */
export class TapeFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: TapeFunctionProps) {
    super(scope, id);
    const { place, reservedConcurrency } = props;
    this.logGroup = tapeLogGroup(this, props.logRetentionDays);
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.role.addToPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [this.logGroup.logGroupArn],
      }),
    );
    if (place !== undefined) this.#mayStandInVpc();
    const directory = assetDirectory(props.entry, (into) => bundleProgram(props.entry, into, MODULE));
    this.function = new LambdaFunction(this, 'Function', {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(directory),
      handler: `${MODULE}.handler`,
      memorySize: props.memoryMb,
      timeout: Duration.seconds(props.timeoutSec),
      environment: {
        ...props.environment,
        ...(place === undefined ? {} : { AWS_ENDPOINT_URL_SECRETS_MANAGER: place.secretsEndpoint }),
      },
      role: this.role,
      logGroup: this.logGroup,
      // Lambda's own START, END and REPORT lines are some 350 bytes an invocation: at one a second, 30 MB a day.
      loggingFormat: LoggingFormat.JSON,
      systemLogLevelV2: SystemLogLevel.WARN,
      // Lambda's level overrides the program's and drops below it, so both are the same.
      applicationLogLevelV2: ApplicationLogLevel[props.logLevel],
      ...(reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: reservedConcurrency }),
      ...(place === undefined
        ? {}
        : {
            vpc: place.vpc,
            vpcSubnets: place.subnets,
            securityGroups: [place.securityGroup],
            // It reaches ClickHouse and the endpoint of Secrets Manager inside the VPC, and nothing outside.
            allowPublicSubnet: true,
          }),
    });
  }

  /** Lambda makes the function's network interfaces with the function's own role (AWS: "Giving Lambda functions access to a VPC"). */
  #mayStandInVpc(): void {
    this.role.addToPolicy(
      new PolicyStatement({
        actions: [
          'ec2:AssignPrivateIpAddresses',
          'ec2:CreateNetworkInterface',
          'ec2:DeleteNetworkInterface',
          'ec2:DescribeNetworkInterfaces',
          'ec2:DescribeSubnets',
          'ec2:UnassignPrivateIpAddresses',
        ],
        // Lambda checks for exactly this, before it knows the interfaces.
        resources: ['*'],
      }),
    );
    acknowledge(this.role, 'IAM5', 'Lambda asks for this before the interfaces exist.', 'Resource::*');
  }

  /** The secret's value may be read at the start; only its ARN is in the environment. */
  mayRead(secret: ISecret): void {
    this.role.addToPolicy(mayReadSecret(secret));
  }
}
