import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { type ClickHouseAccess, clickhouseEnvironment } from '../functions/clickhouse-environment.ts';
import { type FunctionPlace, TapeFunction } from '../functions/tape-function.ts';
import type { StageSettings } from '../stage/settings.ts';

/** A client and two small queries; the least that Lambda gives a tenth of a CPU more for. */
const PROBE_MEMORY_MB = 256;
/** Below the period: a probe that hangs is told by the next one's absence, and never by two at a time. */
const PROBE_TIMEOUT_SEC = 30;
const PROBE_EVERY_MIN = 1;

export interface ProbeFunctionProps {
  readonly clickhouse: ClickHouseAccess;
  readonly settings: Pick<StageSettings, 'logLevel' | 'logRetentionDays' | 'reserveConcurrency'>;
  readonly gitCommit: string;
  readonly place?: FunctionPlace | undefined;
}

/** Asks ClickHouse itself, every minute, what arrived. */
export class ProbeFunction extends Construct {
  readonly tape: TapeFunction;

  constructor(scope: Construct, id: string, props: ProbeFunctionProps) {
    super(scope, id);
    const { clickhouse, settings } = props;
    this.tape = new TapeFunction(this, 'Probe', {
      entry: 'functions/probe/handler.ts',
      description: 'kalshi-tape: asks ClickHouse every minute what arrived',
      memoryMb: PROBE_MEMORY_MB,
      timeoutSec: PROBE_TIMEOUT_SEC,
      reservedConcurrency: settings.reserveConcurrency ? 1 : undefined,
      environment: clickhouseEnvironment(clickhouse, settings.logLevel, props.gitCommit),
      logLevel: settings.logLevel,
      logRetentionDays: settings.logRetentionDays,
      place: props.place,
    });
    this.tape.mayRead(clickhouse.passwordSecret);
    new Rule(this, 'EveryMinute', {
      description: 'kalshi-tape: the probe',
      schedule: Schedule.rate(Duration.minutes(PROBE_EVERY_MIN)),
      targets: [
        new LambdaTarget(this.tape.function, {
          // An answer about a minute ago helps nobody: what was not asked in time is not asked again.
          retryAttempts: 0,
          maxEventAge: Duration.minutes(PROBE_EVERY_MIN),
        }),
      ],
    });
  }
}
