import type { Session } from 'chdb';
import type { Engine } from './engine.ts';
import { fault } from './errors.ts';
import type { SessionRequest } from './request.ts';

const SESSIONS_MAX = 64;

interface NamedSession {
  readonly session: Session;
  busy: boolean;
  expiry: NodeJS.Timeout | undefined;
}

/** Sessions that live on under a `session_id`: temporary tables and `SET` of one request are there in the next. */
export class NamedSessions {
  readonly #engine: Pick<Engine, 'newSession'>;
  readonly #sessions = new Map<string, NamedSession>();

  constructor(engine: Pick<Engine, 'newSession'>) {
    this.#engine = engine;
  }

  /** One request at a time: a second one is refused (373), as a server does. */
  async use<T>(request: SessionRequest, work: (session: Session) => Promise<T>): Promise<T> {
    const named = this.#find(request);
    if (named.busy) throw fault('SESSION_IS_LOCKED', `Session ${request.id} is locked by a concurrent client`);
    clearTimeout(named.expiry);
    named.busy = true;
    try {
      return await work(named.session);
    } finally {
      named.busy = false;
      if (request.closeAfter) this.#end(request.id);
      else named.expiry = setTimeout(() => this.#end(request.id), request.timeoutSec * 1_000).unref();
    }
  }

  close(): void {
    for (const id of this.#sessions.keys()) this.#end(id);
  }

  #find(request: SessionRequest): NamedSession {
    const known = this.#sessions.get(request.id);
    if (known !== undefined) return known;
    if (request.mustExist) throw fault('SESSION_NOT_FOUND', `Session ${request.id} not found`);
    if (this.#sessions.size >= SESSIONS_MAX)
      throw fault('TOO_MANY_SIMULTANEOUS_QUERIES', `Too many sessions: ${SESSIONS_MAX}`);
    const named: NamedSession = { session: this.#engine.newSession(), busy: false, expiry: undefined };
    this.#sessions.set(request.id, named);
    return named;
  }

  #end(id: string): void {
    const named = this.#sessions.get(id);
    this.#sessions.delete(id);
    clearTimeout(named?.expiry);
    named?.session.close();
  }
}
