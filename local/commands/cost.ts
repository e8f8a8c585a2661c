import { INSTANCE_HOUR, PRICES } from './prices.ts';
import { EMF_METRICS, LINE_OVERHEAD_BYTES, LINES, type Measured, PROBE_INVOCATION_SEC } from './measured.ts';
import { distinctMetrics, listOf, type Properties, propertiesOf, type Resource, textIn } from './template-resources.ts';

/** A line of the bill, dollars a month. */
interface CostItem {
  readonly item: string;
  readonly dollars: number;
}

export interface Cost {
  readonly items: readonly CostItem[];
  /** Types of resources that are in the template and not in this reckoning. */
  readonly unpriced: readonly string[];
}

export interface Load {
  readonly messagesPerSec: number;
  readonly measured: Measured;
}

const HOURS = 730;
const SECONDS = HOURS * 3_600;
const MINUTES = HOURS * 60;
const PUT_UNIT_BYTES = 25_600;
const RECORD_ROUNDED_TO_BYTES = 1_024;
const GB = 1e9;
const MIB_PER_GIB = 1_024;
const FARGATE_DISK_FREE_GIB = 20;
const FREE_RETENTION_HOURS = 24;
const CPU_UNITS = 1_024;
const DAYS_PER_MONTH = 30.4;

/** What a stage's template costs at a rate. Pure. Throws where a price is missing: a bill that leaves it out would be wrong. */
export function costOf(resources: readonly Resource[], load: Load): Cost {
  const pricing = new Pricing(resources, load);
  const items = [
    ...pricing.stream(),
    ...pricing.streamer(),
    ...pricing.functions(),
    ...pricing.logs(),
    ...pricing.watching(),
    ...pricing.network(),
    ...pricing.others(),
  ].filter(({ dollars }) => dollars > 0);
  const known = new Set([...PRICED, ...FREE]);
  return { items, unpriced: [...new Set(resources.map(({ type }) => type))].filter((type) => !known.has(type)).sort() };
}

class Pricing {
  readonly #resources: readonly Resource[];
  readonly #load: Load;

  constructor(resources: readonly Resource[], load: Load) {
    this.#resources = resources;
    this.#load = load;
  }

  stream(): readonly CostItem[] {
    const { messagesPerSec, measured } = this.#load;
    const bytesPerSec = messagesPerSec * measured.bytesPerMessage;
    return this.#of('AWS::Kinesis::Stream').flatMap((stream) => {
      const isOnDemand = propertiesOf(stream['StreamModeDetails'])['StreamMode'] === 'ON_DEMAND';
      if (isOnDemand) {
        const bytesPerRecord = bytesPerSec / measured.recordsPerSec;
        const rounded = Math.ceil(bytesPerRecord / RECORD_ROUNDED_TO_BYTES) * RECORD_ROUNDED_TO_BYTES;
        const gb = (rounded * measured.recordsPerSec * SECONDS) / GB;
        return [
          { item: 'Kinesis: the stream, on demand', dollars: HOURS * PRICES.onDemandStreamHour },
          { item: 'Kinesis: bytes in and out', dollars: gb * (PRICES.onDemandInGb + PRICES.onDemandOutGb) },
        ];
      }
      const shards = Number(stream['ShardCount']);
      const isLonger = Number(stream['RetentionPeriodHours']) > FREE_RETENTION_HOURS;
      const units = Math.ceil(bytesPerSec / measured.recordsPerSec / PUT_UNIT_BYTES) * measured.recordsPerSec;
      return [
        { item: `Kinesis: ${shards} shard(s)`, dollars: shards * HOURS * PRICES.shardHour },
        {
          item: `Kinesis: retention of ${String(stream['RetentionPeriodHours'])} h`,
          dollars: isLonger ? shards * HOURS * PRICES.extendedRetentionShardHour : 0,
        },
        { item: 'Kinesis: records put', dollars: ((units * SECONDS) / 1e6) * PRICES.putUnitsMillion },
      ];
    });
  }

  streamer(): readonly CostItem[] {
    const hosts = this.#of('AWS::EC2::LaunchTemplate').map((template) => propertiesOf(template['LaunchTemplateData']));
    const servers = this.#of('AWS::EC2::Instance');
    const volumes = [...hosts, ...servers].flatMap((host) =>
      listOf(host['BlockDeviceMappings']).map((mapping) => Number(propertiesOf(mapping['Ebs'])['VolumeSize'])),
    );
    const gib = [...volumes, ...this.#of('AWS::EC2::Volume').map((volume) => Number(volume['Size']))];
    return [
      ...this.#fargate(),
      ...[...hosts, ...servers].map((host) => this.#instance(String(host['InstanceType']))),
      { item: `EBS: ${sum(gib)} GiB`, dollars: sum(gib) * PRICES.gp3GbMonth },
    ];
  }

  #fargate(): readonly CostItem[] {
    const services = this.#of('AWS::ECS::Service').filter((service) => service['LaunchType'] === 'FARGATE');
    const tasks = this.#of('AWS::ECS::TaskDefinition');
    return services.flatMap(() =>
      tasks.map((task) => {
        const [cpu, memory] = [Number(task['Cpu']) / CPU_UNITS, Number(task['Memory']) / MIB_PER_GIB];
        const disk = Number(propertiesOf(task['EphemeralStorage'])['SizeInGiB'] ?? FARGATE_DISK_FREE_GIB);
        const hour =
          cpu * PRICES.fargateVcpuHour +
          memory * PRICES.fargateGbHour +
          Math.max(0, disk - FARGATE_DISK_FREE_GIB) * PRICES.fargateDiskGbHour;
        return { item: `ECS: Fargate ${cpu} vCPU, ${memory} GB, disk ${disk} GiB`, dollars: hour * HOURS };
      }),
    );
  }

  #instance(type: string): CostItem {
    const hour = INSTANCE_HOUR[type];
    if (hour === undefined)
      throw new Error(`no price is known of ${type}: add it to local/commands/prices.ts; there is no sum`);
    return { item: `EC2: ${type}`, dollars: hour * HOURS };
  }

  /** By what calls them: an event source, a schedule; alarms call so seldom that it is nothing. */
  functions(): readonly CostItem[] {
    const { measured } = this.#load;
    return this.#resources.flatMap(({ id, type, properties }) => {
      if (type !== 'AWS::Lambda::Function') return [];
      const isSink = id.startsWith('Sink');
      const isProbe = id.startsWith('Probe');
      if (!isSink && !isProbe) return [];
      const calls = isSink ? measured.invocationsPerSec * SECONDS : MINUTES;
      const gbSec =
        (Number(properties['MemorySize']) / MIB_PER_GIB) * (isSink ? measured.invocationSec : PROBE_INVOCATION_SEC);
      const dollars = (calls / 1e6) * PRICES.lambdaMillion + calls * gbSec * PRICES.lambdaGbSecond;
      return [{ item: `Lambda: ${isSink ? 'the sink' : 'the probe'}`, dollars }];
    });
  }

  logs(): readonly CostItem[] {
    const perMinute = sum(LINES.map(({ bytes, perMinute: lines }) => (bytes + LINE_OVERHEAD_BYTES) * lines));
    const gb = (perMinute * MINUTES) / GB;
    const days = Math.max(0, ...this.#of('AWS::Logs::LogGroup').map((group) => Number(group['RetentionInDays'])));
    return [
      { item: `Logs: ${(gb * 1_000).toFixed(0)} MB in`, dollars: gb * PRICES.logIngestGb },
      { item: `Logs: kept for ${days} days`, dollars: gb * (days / DAYS_PER_MONTH) * PRICES.logStorageGbMonth },
    ];
  }

  watching(): readonly CostItem[] {
    const metrics = distinctMetrics(this.#of('AWS::Logs::MetricFilter')) + (this.#has('Sink') ? EMF_METRICS : 0);
    const alarms = this.#of('AWS::CloudWatch::Alarm');
    const looked = sum(
      alarms.map((alarm) => Math.max(1, listOf(alarm['Metrics']).filter((one) => 'MetricStat' in one).length)),
    );
    const composites = this.#of('AWS::CloudWatch::CompositeAlarm').length;
    const dashboards = this.#of('AWS::CloudWatch::Dashboard').length;
    return [
      { item: `CloudWatch: ${metrics} metrics`, dollars: metrics * PRICES.metricMonth },
      { item: `CloudWatch: ${alarms.length} alarms on ${looked} metrics`, dollars: looked * PRICES.alarmMetricMonth },
      { item: `CloudWatch: ${composites} composite alarms`, dollars: composites * PRICES.compositeMonth },
      { item: `CloudWatch: ${dashboards} dashboard(s)`, dollars: dashboards * PRICES.dashboardMonth },
    ];
  }

  network(): readonly CostItem[] {
    const isPublicTask = this.#of('AWS::ECS::Service').some((service) =>
      textIn(service).includes('"AssignPublicIp":"ENABLED"'),
    );
    const publicHosts = [...this.#of('AWS::EC2::LaunchTemplate'), ...this.#of('AWS::EC2::Instance')].filter((host) =>
      textIn(host).includes('"AssociatePublicIpAddress":true'),
    ).length;
    const addresses = publicHosts + (isPublicTask ? 1 : 0);
    const nats = this.#of('AWS::EC2::NatGateway').length;
    const endpoints = sum(
      this.#of('AWS::EC2::VPCEndpoint')
        .filter((endpoint) => endpoint['VpcEndpointType'] === 'Interface')
        .map((endpoint) => Math.max(1, listLength(endpoint['SubnetIds']))),
    );
    return [
      { item: `Network: ${addresses} public IPv4 address(es)`, dollars: addresses * HOURS * PRICES.publicIpv4Hour },
      { item: `Network: ${nats} NAT gateway(s)`, dollars: nats * HOURS * PRICES.natGatewayHour },
      { item: `Network: endpoints in ${endpoints} subnets`, dollars: endpoints * HOURS * PRICES.interfaceEndpointHour },
    ];
  }

  others(): readonly CostItem[] {
    const names = this.#resources.flatMap(({ properties }) =>
      [...textIn(properties).matchAll(SECRET)].map(([, name]) => name),
    );
    const secrets = new Set(names).size;
    return [{ item: `Secrets Manager: ${secrets} secrets`, dollars: secrets * PRICES.secretMonth }];
  }

  #of(type: string): readonly Properties[] {
    return this.#resources.flatMap((resource) => (resource.type === type ? [resource.properties] : []));
  }

  #has(start: string): boolean {
    return this.#resources.some(({ id, type }) => type === 'AWS::Lambda::Function' && id.startsWith(start));
  }
}

/** The name in a secret's ARN, without the key behind it and what stands for its unknown end. */
const SECRET = /:secret:([A-Za-z0-9/_+=.@-]+?)(?=-\?{6}|[":])/g;

const PRICED = [
  ...['AWS::Kinesis::Stream', 'AWS::ECS::Service', 'AWS::ECS::TaskDefinition', 'AWS::EC2::LaunchTemplate'],
  ...['AWS::EC2::Instance', 'AWS::EC2::Volume', 'AWS::EC2::NatGateway', 'AWS::EC2::VPCEndpoint'],
  ...['AWS::Lambda::Function', 'AWS::Logs::LogGroup', 'AWS::Logs::MetricFilter', 'AWS::CloudWatch::Alarm'],
  ...['AWS::CloudWatch::CompositeAlarm', 'AWS::CloudWatch::Dashboard', 'AWS::SecretsManager::Secret'],
];

/** Nothing by themselves, or cents: topics by the thousand e-mails, the bucket by what failed. */
const FREE = [
  ...['AWS::AutoScaling::AutoScalingGroup', 'AWS::CDK::Metadata', 'AWS::EC2::EIP', 'AWS::EC2::InternetGateway'],
  ...['AWS::EC2::Route', 'AWS::EC2::RouteTable', 'AWS::EC2::SecurityGroup', 'AWS::EC2::SecurityGroupEgress'],
  ...['AWS::EC2::SecurityGroupIngress', 'AWS::EC2::Subnet', 'AWS::EC2::SubnetRouteTableAssociation', 'AWS::EC2::VPC'],
  ...['AWS::EC2::VPCGatewayAttachment', 'AWS::EC2::VolumeAttachment', 'AWS::ECS::CapacityProvider'],
  ...['AWS::ECS::Cluster', 'AWS::ECS::ClusterCapacityProviderAssociations', 'AWS::Events::Rule'],
  ...['AWS::IAM::InstanceProfile', 'AWS::IAM::Policy', 'AWS::IAM::Role', 'AWS::Lambda::EventInvokeConfig'],
  ...['AWS::Lambda::EventSourceMapping', 'AWS::Lambda::Permission', 'AWS::Logs::QueryDefinition'],
  ...['AWS::S3::Bucket', 'AWS::S3::BucketPolicy', 'AWS::SNS::Subscription', 'AWS::SNS::Topic', 'AWS::SNS::TopicPolicy'],
];

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

function listLength(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}
