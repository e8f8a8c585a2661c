/** The contract with alarms and dashboards: what an operator is told broke. Every class has exactly one. */
export const FAILURE_CATEGORIES = [
  'memory_limit',
  'connection_refused',
  'dns_resolution',
  'timeout',
  'network',
  'too_many_parts',
  'auth',
  'schema',
  'data',
  'throttled',
  'disk_full',
  'readonly',
  'other',
] as const;

export type FailureCategory = (typeof FAILURE_CATEGORIES)[number];

/** How soon the same bytes may be offered again; the waits are in backoff.ts. */
export type RetryKind = 'no' | 'once' | 'short' | 'long' | 'slow';

/** What a class of failure obliges whoever meets it. */
export interface Obligation {
  readonly category: FailureCategory;
  readonly retry: RetryKind;
  /** The work may have been done all the same: offer the identical bytes and token again, never split or cut them anew. */
  readonly ambiguous: boolean;
  /** Smaller pieces can pass where the whole cannot: halves by rows, or one piece per partition. Never where ambiguous. */
  readonly split: 'no' | 'rows' | 'partition';
  /** A single row that fails so by itself may be dead-lettered. */
  readonly row: boolean;
  /** Nothing is dead-lettered: fail the invocation, so that the stream keeps the data. */
  readonly hold: boolean;
  readonly page: 'at_once' | 'if_persists' | 'rate' | 'no';
  readonly meaning: string;
  readonly action: string;
}

/** Every class of failure and what it obliges. Where nothing is `row` and nothing `hold`, retries end at the failure destination. */
export const FAILURE_CLASSES = {
  memory_query: {
    category: 'memory_limit',
    retry: 'once',
    ambiguous: false,
    split: 'rows',
    row: true,
    hold: false,
    page: 'if_persists',
    meaning: 'One insert needed more memory than max_memory_usage allows a query.',
    action: 'The sink halves the insert by itself. If it persists, raise max_memory_usage or lower the batch size.',
  },
  memory_server: {
    category: 'memory_limit',
    retry: 'long',
    ambiguous: false,
    split: 'no',
    row: false,
    hold: true,
    page: 'if_persists',
    meaning: 'The server, or this user over all its queries, is out of memory. Smaller inserts do not help.',
    action:
      'Find what uses the memory (system.processes, system.merges); stop it or add memory. The stream keeps the data.',
  },
  too_many_parts: {
    category: 'too_many_parts',
    retry: 'long',
    ambiguous: false,
    split: 'no',
    row: false,
    hold: true,
    page: 'if_persists',
    meaning: 'Merges do not keep up with inserts: a partition has more parts than parts_to_throw_insert.',
    action: 'Look at system.merges and disk speed; insert fewer and larger batches (raise the batching window).',
  },
  too_many_partitions: {
    category: 'data',
    retry: 'no',
    ambiguous: false,
    split: 'partition',
    row: true,
    hold: false,
    page: 'at_once',
    meaning: 'One insert touches more partitions than max_partitions_per_insert_block: most likely absurd timestamps.',
    action:
      'Look at the timestamps of the rows in `rejects`; a wrong unit or a zero time makes a partition of its own.',
  },
  overload: {
    category: 'throttled',
    retry: 'long',
    ambiguous: false,
    split: 'no',
    row: false,
    hold: true,
    page: 'if_persists',
    meaning:
      'The other side refused because it has too much to do: query or connection limit, HTTP 429, Kinesis throughput.',
    action:
      'Nothing if it passes. If it persists, raise the limit: ClickHouse max_concurrent_queries, or Kinesis shards.',
  },
  timeout: {
    category: 'timeout',
    retry: 'short',
    ambiguous: true,
    split: 'no',
    row: false,
    hold: true,
    page: 'if_persists',
    meaning: 'No answer came in time; the work may have been done.',
    action: 'Look at the latency of the other side; raise the timeout only if the work is known to take that long.',
  },
  aborted: {
    category: 'timeout',
    retry: 'no',
    ambiguous: true,
    split: 'no',
    row: false,
    hold: true,
    page: 'no',
    meaning: 'We gave up ourselves, at shutdown or at the end of a time budget; the work may have been done.',
    action: 'None: the stream delivers the data again. If it is frequent, the time budget is too small.',
  },
  network: {
    category: 'network',
    retry: 'short',
    ambiguous: true,
    split: 'no',
    row: false,
    hold: true,
    page: 'if_persists',
    meaning: 'The server lost a connection, a file or a replica while it worked, or cancelled the query.',
    action: 'Look at the server log for the query id; a restart or a failover explains a short burst.',
  },
  connection_lost: {
    category: 'network',
    retry: 'short',
    ambiguous: true,
    split: 'no',
    row: false,
    hold: true,
    page: 'if_persists',
    meaning: 'Our socket broke before the answer was complete; the work may have been done.',
    action:
      'Nothing for single events. If it persists, check routes and idle timeouts, and that https is not spoken to in http.',
  },
  connection_refused: {
    category: 'connection_refused',
    retry: 'short',
    ambiguous: false,
    split: 'no',
    row: false,
    hold: true,
    page: 'if_persists',
    meaning: 'Nobody listens at the address: the server is down or the port is wrong.',
    action: 'Start the server, or correct host, port and security group.',
  },
  dns: {
    category: 'dns_resolution',
    retry: 'long',
    ambiguous: false,
    split: 'no',
    row: false,
    hold: true,
    page: 'if_persists',
    meaning: 'The host name could not be resolved.',
    action: 'Check the host name for a typing error, then the resolver of the network (VPC DNS).',
  },
  unavailable: {
    category: 'network',
    retry: 'short',
    ambiguous: true,
    split: 'no',
    row: false,
    hold: true,
    page: 'if_persists',
    meaning:
      'HTTP 5xx with no error of the service itself: a load balancer or proxy without a backend, or AWS in trouble.',
    action: 'Check the health of the targets behind the load balancer, or the AWS health dashboard.',
  },
  keeper: {
    category: 'other',
    retry: 'long',
    ambiguous: true,
    split: 'no',
    row: false,
    hold: true,
    page: 'if_persists',
    meaning: 'Keeper, a quorum of replicas or the object store did not confirm the insert; it may have been done.',
    action: 'Check Keeper, system.replicas and the object store.',
  },
  replica_readonly: {
    category: 'readonly',
    retry: 'long',
    ambiguous: true,
    split: 'no',
    row: false,
    hold: true,
    page: 'if_persists',
    meaning: 'A replicated table takes no writes because its replica has lost Keeper.',
    action: 'Restore Keeper; SYSTEM RESTART REPLICA if the table stays read-only afterwards.',
  },
  session: {
    category: 'other',
    retry: 'short',
    ambiguous: true,
    split: 'no',
    row: false,
    hold: true,
    page: 'no',
    meaning:
      'A session or query id of ours is still in use (the first attempt is still running), or an iterator has expired.',
    action: 'None: wait and offer the same again.',
  },
  space: {
    category: 'disk_full',
    retry: 'slow',
    ambiguous: false,
    split: 'no',
    row: false,
    hold: true,
    page: 'at_once',
    meaning: 'The disk is full, or a quota is used up.',
    action: 'Free or add space, or raise the quota; inserts go on by themselves as soon as there is room.',
  },
  readonly: {
    category: 'readonly',
    retry: 'slow',
    ambiguous: false,
    split: 'no',
    row: false,
    hold: true,
    page: 'at_once',
    meaning: 'The user or the server is read-only (a profile, or a failover in progress).',
    action: 'Give the user a profile with readonly=0, or end the failover.',
  },
  readonly_for_good: {
    category: 'readonly',
    retry: 'no',
    ambiguous: false,
    split: 'no',
    row: false,
    hold: true,
    page: 'at_once',
    meaning: 'The table is read-only and will stay so.',
    action: 'Repair or recreate the table, or point the sink at one that can be written.',
  },
  auth: {
    category: 'auth',
    retry: 'slow',
    ambiguous: false,
    split: 'no',
    row: false,
    hold: true,
    page: 'at_once',
    meaning: 'We were not let in: wrong or expired credentials, a missing right, or an encryption key we may not use.',
    action: 'Correct the secret, the grant, the IAM policy or the KMS key. The stream keeps the data meanwhile.',
  },
  schema: {
    category: 'schema',
    retry: 'slow',
    ambiguous: false,
    split: 'no',
    row: false,
    hold: true,
    page: 'at_once',
    meaning: 'What we write to is missing or different from what we expect: table, column, setting, stream.',
    action: 'Run the migrations, or deploy the version that fits. The stream keeps the data meanwhile.',
  },
  data: {
    category: 'data',
    retry: 'no',
    ambiguous: false,
    split: 'rows',
    row: true,
    hold: false,
    page: 'rate',
    meaning: 'The server refuses a value in what we sent. Nothing of the insert was stored.',
    action: 'The bad row is isolated and kept in `rejects`; find out why it was not rejected before it was sent.',
  },
  transfer: {
    category: 'data',
    retry: 'once',
    ambiguous: false,
    split: 'rows',
    row: true,
    hold: false,
    page: 'if_persists',
    meaning: 'The body arrived damaged: it could not be decompressed.',
    action:
      'Look for a proxy that changes bodies; if it persists for the same rows, keep the dead letter for analysis.',
  },
  server_bug: {
    category: 'other',
    retry: 'short',
    ambiguous: true,
    split: 'no',
    row: false,
    hold: false,
    page: 'at_once',
    meaning: 'The server met an error of its own (logical error, corrupted data, unknown exception).',
    action: 'Keep the server log for the query id, check system.parts and the disk, report it to ClickHouse.',
  },
  size: {
    category: 'data',
    retry: 'no',
    ambiguous: false,
    split: 'rows',
    row: true,
    hold: false,
    page: 'no',
    meaning: 'One request is larger than the other side takes.',
    action: 'None: it is halved. If it is frequent, lower the batch size or raise the limit of the proxy.',
  },
  node_config: {
    category: 'network',
    retry: 'slow',
    ambiguous: false,
    split: 'no',
    row: false,
    hold: true,
    page: 'at_once',
    meaning: 'The connection cannot work as configured: TLS certificate, http against https, wrong URL, a redirect.',
    action: 'Correct the URL (http or https, port) or the certificate and its chain.',
  },
  local_bug: {
    category: 'other',
    retry: 'no',
    ambiguous: false,
    split: 'rows',
    row: true,
    hold: false,
    page: 'at_once',
    meaning: 'Our own code threw before anything was sent (TypeError, RangeError …).',
    action: 'Fix the program; the row that provoked it is kept.',
  },
  unknown: {
    category: 'other',
    retry: 'short',
    ambiguous: true,
    split: 'no',
    row: false,
    hold: true,
    page: 'if_persists',
    meaning: 'A failure we have no class for.',
    action: 'Read the reason, and give it a class in core/failure.',
  },
} as const satisfies Readonly<Record<string, Obligation>>;

export type FailureClass = keyof typeof FAILURE_CLASSES;

export const FAILURE_CLASS_NAMES = Object.keys(FAILURE_CLASSES) as readonly FailureClass[];

/** What the class obliges, with the widened types that a caller compares against. */
export function obligationOf(failureClass: FailureClass): Obligation {
  return FAILURE_CLASSES[failureClass];
}

export function isFailureClass(value: unknown): value is FailureClass {
  return typeof value === 'string' && Object.hasOwn(FAILURE_CLASSES, value);
}
