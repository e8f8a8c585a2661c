import type { FailureClass } from '../../../core/failure/classes.ts';

/**
 * The codes an inserter meets, by what they oblige. From the research for this project (chdb 3.4.0 = ClickHouse 26.7.2.1,
 * Kafka Connect sink and clickhouse-java client-v2 of 2026-08), written down apart from core/failure so that both are checked.
 */
export const CLASS_OF_CODES: readonly (readonly [FailureClass, readonly number[]])[] = [
  ['memory_server', [241, 173, 777, 778, 776]],
  ['too_many_parts', [252]],
  ['overload', [202, 203, 439, 745, 749, 762, 700, 364, 290, 574]],
  ['timeout', [159, 160, 209]],
  ['network', [210, 279, 198, 3, 425, 236, 394, 735, 416, 23, 24, 74, 75]],
  ['keeper', [999, 225, 244, 254, 265, 285, 286, 289, 319, 473, 571, 733, 722, 107, 499, 693, 707]],
  ['replica_readonly', [242]],
  ['session', [373, 216]],
  ['space', [243, 201]],
  ['readonly', [164]],
  ['readonly_for_good', [774]],
  ['auth', [516, 192, 193, 194, 195, 497, 511, 512, 720, 767]],
  ['schema', [60, 81, 16, 8, 10, 47, 50, 46, 62, 73, 115, 452, 36, 48, 344, 772, 1]],
  [
    'data',
    [6, 25, 26, 27, 33, 38, 41, 53, 69, 70, 72, 108, 117, 128, 130, 131, 321, 349, 376, 407, 441, 469, 675, 676, 691],
  ],
  ['transfer', [271, 354]],
  ['server_bug', [49, 246, 1000, 1001, 1002]],
  ['size', [307, 158, 396]],
];

/** What Kafka Connect and clickhouse-java both retry. */
export const RETRYABLE_ELSEWHERE = [3, 107, 159, 164, 202, 203, 209, 210, 241, 242, 252, 285, 319, 425, 999];

/** Messages of real servers, as measured. */
export const MESSAGES = {
  memoryQuery:
    'Code: 241. DB::Exception: Query memory limit exceeded: would use 12.06 MiB (attempt to allocate chunk of 8.00 MiB), maximum: 9.54 MiB. Untracked memory across all threads: 162.63 KiB: While executing AggregatingTransform. (MEMORY_LIMIT_EXCEEDED) (version 26.7.2.1)',
  memoryUser:
    'Code: 241. DB::Exception: User memory limit exceeded: would use 12.00 MiB (attempt to allocate chunk of 8.00 MiB), maximum: 9.54 MiB. OvercommitTracker decision: Query was selected to stop by OvercommitTracker. (MEMORY_LIMIT_EXCEEDED)',
  memoryTotal:
    'Code: 241. DB::Exception: (total) memory limit exceeded: would use 394.57 MiB (attempt to allocate chunk of 4.00 MiB), current RSS: 8.08 MiB, maximum: 286.10 MiB. (MEMORY_LIMIT_EXCEEDED)',
  memoryLegacy:
    'Code: 241, e.displayText() = DB::Exception: Memory limit (for query) exceeded: would use 2.50 MiB (attempt to allocate chunk of 16 bytes), maximum: 976.56 KiB, e.what() = DB::Exception',
  memoryLegacyTotal:
    'Code: 241, e.displayText() = DB::Exception: Memory limit (total) exceeded: would use 9.31 GiB, maximum: 9.31 GiB, e.what() = DB::Exception',
  tooManyParts:
    'Code: 252. DB::Exception: Too many parts (3003 with average size of 1.00 KiB) in table kalshi.orderbook_deltas. Merges are processing significantly slower than inserts. (TOO_MANY_PARTS)',
  tooManyPartitions:
    "Code: 252. DB::Exception: Too many partitions for single INSERT block (more than 100). The limit is controlled by 'max_partitions_per_insert_block' setting. (TOO_MANY_PARTS)",
  badDate:
    'Code: 41. DB::Exception: Cannot read DateTime: unexpected alphabetical character: (while reading the value of key d): (at row 2)\n: \nRow 1:\nColumn 0,   name: a, type: UInt8,    parsed text: "1"\n. (CANNOT_PARSE_DATETIME)',
  constraint:
    'Code: 469. DB::Exception: Constraint `x` for table default.c (f715451e-0c27-4772-93ce-a4a83dc8a985) is violated at row 11. Expression: (a < 10). Column values: a = 10. (VIOLATED_CONSTRAINT)',
  unknownTable:
    'Code: 60. DB::Exception: Table kalshi.nope does not exist. Maybe you meant system.one?. (UNKNOWN_TABLE) (version 26.7.2.1)',
  nested:
    'Code: 279. DB::Exception: All connection tries failed. Log: Code: 210. DB::NetException: Connection refused (replica-2:9000). (NETWORK_ERROR) (ALL_CONNECTION_TRIES_FAILED)',
  chdbSync: 'Query failed: Code: 60. DB::Exception: Unknown table expression identifier. (UNKNOWN_TABLE)',
  readOnly: 'Code: 242. DB::Exception: Table is in readonly mode (replica path: /t/replicas/r1). (TABLE_IS_READ_ONLY)',
} as const;
