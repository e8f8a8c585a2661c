import type { NotifyEnv } from '../../core/contract/notify-env.ts';
import { classify } from '../../core/failure/classify.ts';
import type { EventLog } from '../../core/logging/event-log.ts';
import type { Redactor } from '../../core/logging/redact.ts';
import { whatFailed } from '../../core/logging/what-failed.ts';
import { type AlarmNotice, noticeOf } from './alarm-notice.ts';
import { explain, type Explained } from './cause.ts';
import type { Channel } from './channel.ts';
import { type Evidence, evidenceQuery, type Query } from './evidence.ts';
import { messageOf } from './message.ts';
import { ToldBefore } from './told-before.ts';

export interface NotifierPorts {
  readonly logs: { run(query: Query, signal: AbortSignal): Promise<Evidence> };
  readonly channels: readonly Channel[];
  readonly log: EventLog;
  readonly redactor: Redactor;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export type NotifierOptions = Pick<
  NotifyEnv,
  'STAGE' | 'ALARM_PREFIX' | 'GUIDE_URL' | 'LOG_GROUPS' | 'QUERY_TIMEOUT_MS' | 'SEND_TIMEOUT_MS'
>;

/** What SNS delivered. */
export interface Delivery {
  /** The same when SNS delivers it again. */
  readonly messageId: string;
  readonly message: string;
  readonly subject?: string | undefined;
  readonly requestId: string;
  /** Until Lambda ends this invocation. */
  readonly remainingMs: number;
}

/** Some channel was not told. Lambda tries the whole delivery again; who was told is not told twice. */
export class NotToldError extends Error {
  constructor(channels: readonly string[]) {
    super(`the alarm was not told on: ${channels.join(', ')}`);
    this.name = 'NotToldError';
  }
}

/** Kept back from an invocation for the lines that say what came of it, and for stopping a query. */
const RESERVE_MS = 2_000;

/** Tells alarms with their evidence. What comes of each channel is logged; one that fails keeps no other from being told. */
export class Notifier {
  readonly #ports: NotifierPorts;
  readonly #options: NotifierOptions;
  readonly #toldBefore = new ToldBefore();

  constructor(ports: NotifierPorts, options: NotifierOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  /** Rejects with NotToldError when every channel has been tried. Takes the two timeouts at most, and no more than remains. */
  async tell(delivery: Delivery): Promise<void> {
    const { GUIDE_URL, ALARM_PREFIX, STAGE } = this.#options;
    const notice = noticeOf(delivery.message, delivery.subject);
    const explained = explain(notice, ALARM_PREFIX);
    if (explained?.isAboutTelling === true && notice.state !== 'ALARM') return;
    const due = this.#ports.channels.filter(({ name }) => !this.#toldBefore.has(delivery.messageId, name));
    if (due.length === 0) return;

    const startedAt = this.#ports.now();
    const evidence = await this.#evidence(notice, explained, delivery);
    const message = messageOf({ notice, explained, evidence, guideUrl: GUIDE_URL, stage: STAGE }, this.#ports.redactor);
    const lines = typeof evidence === 'object' ? evidence.rows.length : 0;
    const failed = await Promise.all(
      due.map(async (channel) => {
        const { name } = channel;
        const about = {
          aws_request_id: delivery.requestId,
          alarm: notice.name,
          alarm_state: notice.state,
          channel: name,
        };
        try {
          await within(this.#options.SEND_TIMEOUT_MS, (signal) => channel.send(message, signal));
          this.#toldBefore.add(delivery.messageId, name);
          this.#ports.log('notification_sent', { ...about, lines, duration_ms: this.#ports.now() - startedAt });
          return [];
        } catch (error) {
          this.#ports.log('notification_failed', { ...about, ...whatFailed(classify(error)) });
          return [name];
        }
      }),
    );
    if (failed.flat().length > 0) throw new NotToldError(failed.flat());
  }

  /** Never rejects: an alarm without its lines is an alarm. */
  async #evidence(
    notice: AlarmNotice,
    explained: Explained | undefined,
    { requestId, remainingMs }: Delivery,
  ): Promise<Evidence | string | undefined> {
    if (notice.state !== 'ALARM' || explained === undefined) return undefined;
    const { LOG_GROUPS, QUERY_TIMEOUT_MS, SEND_TIMEOUT_MS } = this.#options;
    const boundMs = Math.min(QUERY_TIMEOUT_MS, remainingMs - SEND_TIMEOUT_MS - RESERVE_MS);
    if (boundMs <= 0) return 'there was no time left to look';
    const now_ms = this.#ports.now();
    const changedAt = Date.parse(notice.changedAt);
    const changedAt_ms = Number.isNaN(changedAt) ? now_ms : changedAt;
    const query = evidenceQuery(explained.pattern, LOG_GROUPS, { changedAt_ms, now_ms });
    try {
      return await within(boundMs, (signal) => this.#ports.logs.run(query, signal));
    } catch (error) {
      const failure = classify(error);
      this.#ports.log('evidence_failed', { aws_request_id: requestId, alarm: notice.name, ...whatFailed(failure) });
      return `${failure.category}: ${failure.reason}`;
    }
  }
}

/** For what does not heed its signal: it is left alone this much later. */
const GRACE_MS = 1_500;

/** Ends in its time in any case: with the task, with its end by the signal, or by turning away from it. */
async function within<T>(timeoutMs: number, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(timeoutMs);
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(signal.reason as Error), timeoutMs + GRACE_MS);
  try {
    return await Promise.race([task(signal), promise]);
  } catch (error) {
    // The SDK says only that it was aborted; the signal knows that it was the time.
    throw signal.aborted ? (signal.reason as Error) : error;
  } finally {
    clearTimeout(timer);
  }
}
