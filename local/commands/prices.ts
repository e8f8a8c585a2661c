/**
 * AWS's list prices, us-east-1, dollars, without any free tier: partly from third-party copies of AWS's price pages,
 * 2026-05 to 2026-11, partly from general knowledge, none checked against an account. Compare with aws.amazon.com/…/pricing before you rely on a cent.
 */
export const PRICES_AS_OF = '2026-11, us-east-1, list price, no free tier';

export const PRICES = {
  // Kinesis Data Streams
  shardHour: 0.015,
  /** Beyond the first 24 hours, up to seven days. */
  extendedRetentionShardHour: 0.02,
  putUnitsMillion: 0.014,
  onDemandStreamHour: 0.04,
  onDemandInGb: 0.08,
  onDemandOutGb: 0.04,
  // Fargate, arm64
  fargateVcpuHour: 0.03238,
  fargateGbHour: 0.00356,
  /** Beyond the first 20 GB. */
  fargateDiskGbHour: 0.000111,
  // EC2
  publicIpv4Hour: 0.005,
  gp3GbMonth: 0.08,
  natGatewayHour: 0.045,
  interfaceEndpointHour: 0.01,
  // Lambda, arm64
  lambdaMillion: 0.2,
  lambdaGbSecond: 0.0000133334,
  // CloudWatch
  logIngestGb: 0.5,
  logStorageGbMonth: 0.03,
  metricMonth: 0.3,
  /** A metric that an alarm looks at; one on an expression has several. */
  alarmMetricMonth: 0.1,
  compositeMonth: 0.5,
  dashboardMonth: 3,
  // Secrets Manager
  secretMonth: 0.4,
} as const;

/** An hour of an arm64 instance, on demand. */
export const INSTANCE_HOUR: Readonly<Record<string, number>> = {
  't4g.nano': 0.0042,
  't4g.micro': 0.0084,
  't4g.small': 0.0168,
  't4g.medium': 0.0336,
  't4g.large': 0.0672,
  't4g.xlarge': 0.1344,
};
