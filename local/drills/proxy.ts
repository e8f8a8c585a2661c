import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Asked {
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** What the way to a server does; `pass` is what it does in health. */
export type Way =
  | { readonly kind: 'pass' }
  /** Nobody listens: ECONNREFUSED; what is open is reset. */
  | { readonly kind: 'refuse' }
  /** Taken and never answered. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'delay'; readonly ms: number }
  /** What it gives an answer for is answered here; all else passes. */
  | { readonly kind: 'answer'; readonly answer: (asked: Asked) => Answer | undefined }
  /** Added to the address of the requests that it picks: ClickHouse takes settings there. */
  | { readonly kind: 'settings'; readonly of: (asked: Asked) => Readonly<Record<string, string>> };

const HOST = '127.0.0.1';

/** Stands before a server and can go wrong, on one port for all its life. */
export class FaultyWay {
  readonly #target: number;
  readonly #server: Server;
  #port = 0;
  #way: Way = { kind: 'pass' };

  constructor(targetPort: number) {
    this.#target = targetPort;
    this.#server = createServer((asking, answering) => {
      answering.on('error', () => undefined);
      this.#handle(asking, answering).catch(() => answering.destroy());
    });
  }

  get url(): string {
    return `http://${HOST}:${this.#port}`;
  }

  async open(): Promise<void> {
    await this.#listen();
  }

  async set(way: Way): Promise<void> {
    const before = this.#way.kind;
    this.#way = way;
    if (way.kind === 'refuse') await this.close();
    else if (before === 'refuse') await this.#listen();
    // What hung is never answered: it is reset, as by a server that came back.
    else if (before === 'hang') this.#server.closeAllConnections();
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, HOST, () => {
        this.#server.off('error', reject);
        this.#port = (this.#server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  async #handle(asking: IncomingMessage, answering: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of asking as AsyncIterable<Buffer>) chunks.push(chunk);
    const url = new URL(asking.url ?? '/', `http://${HOST}`);
    const asked = { url, headers: asking.headers, body: Buffer.concat(chunks) };
    const way = this.#way;
    if (way.kind === 'hang' || way.kind === 'refuse') return;
    if (way.kind === 'delay') await sleep(way.ms);
    const own = way.kind === 'answer' ? way.answer(asked) : undefined;
    if (own !== undefined) {
      answering.writeHead(own.status, own.headers).end(own.body);
      return;
    }
    if (way.kind === 'settings')
      for (const [name, value] of Object.entries(way.of(asked))) url.searchParams.set(name, value);
    this.#pass(asking.method ?? 'GET', asked, answering);
  }

  #pass(method: string, { url, headers, body }: Asked, answering: ServerResponse): void {
    const onward = request(
      { host: HOST, port: this.#target, method, path: `${url.pathname}${url.search}`, headers },
      (answer) => {
        answering.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(answering);
      },
    );
    onward.on('error', () => answering.destroy());
    answering.on('close', () => onward.destroy());
    onward.end(body);
  }
}
