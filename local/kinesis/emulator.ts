import type { RequestListener, Server } from 'node:http';
import kinesalite from 'kinesalite';
import database, { type KinesaliteStore } from 'kinesalite/db/index.js';

/** How long requests under way may take to finish before the store is closed under them. */
const CLOSE_GRACE_MS = 2_000;
const SHARD_LIMIT = 50;

export interface Emulator {
  /** Answers on 127.0.0.1; 0 is any free port. Resolves with the port. */
  listen(port: number): Promise<number>;
  /** Takes no new request, lets those under way finish, then closes the store. */
  close(): Promise<void>;
  readonly store: KinesaliteStore;
}

/** kinesalite over LevelDB in the folder `path`. One process at a time may hold the folder. */
export function openEmulator(path: string): Emulator {
  const { server, store } = open(path);
  surviveAbortedRequests(server);
  return { store, listen: (port) => listen(server, port), close: () => close(server) };
}

/**
 * kinesalite keeps its store to itself, but creates it through its own db module's `create`: we look on while it does.
 * Trimming by keys (trim.ts) needs it; over the API an empty page of expired records cannot be told from the tip.
 */
function open(path: string): { readonly server: Server; readonly store: KinesaliteStore } {
  const create = database.create;
  const created: KinesaliteStore[] = [];
  database.create = (options) => {
    const store = create(options);
    created.push(store);
    return store;
  };
  const server = kinesalite({ path, createStreamMs: 0, updateStreamMs: 0, deleteStreamMs: 0, shardLimit: SHARD_LIMIT });
  database.create = create;
  const [store] = created;
  if (store === undefined) throw new Error('kinesalite did not create its store through db.create: another version?');
  return { server, store };
}

/** kinesalite throws on a request whose client died, which ends the process: a killed streamer would take Kinesis along. */
function surviveAbortedRequests(server: Server): void {
  const listeners = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    for (const listener of listeners) listener.call(server, request, response);
    request.removeAllListeners('error');
    request.on('error', () => response.destroy());
  });
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    const requestsDone = setInterval(() => {
      server.closeIdleConnections();
      server.getConnections((_error, count) => {
        if (count === 0) finish();
      });
    }, 20);
    const tooLong = setTimeout(finish, CLOSE_GRACE_MS);
    function finish(): void {
      clearInterval(requestsDone);
      clearTimeout(tooLong);
      resolve();
    }
  });
  server.closeAllConnections();
  await new Promise<void>((resolve, reject) => {
    server.close((error) => {
      if (error === undefined) resolve();
      else reject(error);
    });
  });
}
