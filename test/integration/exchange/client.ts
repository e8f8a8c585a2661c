import { constants, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';

const WAIT_MAX_MS = 20_000;

export interface Frame {
  readonly type: string;
  readonly id?: number;
  readonly sid?: number;
  readonly seq?: number;
  readonly msg: Readonly<Record<string, unknown>>;
}

/** A client that keeps all it hears. */
export class Client {
  readonly ws: WebSocket;
  readonly raws: string[] = [];
  readonly pings: string[] = [];
  closed: number | undefined;
  #id = 0;

  constructor(url: string, headers: Record<string, string> = {}) {
    this.ws = new WebSocket(url, { headers, perMessageDeflate: false });
    this.ws.on('message', (data: Buffer) => this.raws.push(data.toString()));
    this.ws.on('ping', (data) => this.pings.push(data.toString()));
    this.ws.on('close', (code) => (this.closed = code));
    this.ws.on('error', () => undefined);
  }

  static async open(url: string, headers?: Record<string, string>): Promise<Client> {
    const client = new Client(url, headers);
    await client.until(() => client.ws.readyState !== WebSocket.CONNECTING, 'the connection opens');
    if (client.closed !== undefined) throw new Error('the connection was not opened');
    return client;
  }

  /** Sends a command with the next id, which it returns. */
  command(cmd: string, params?: object): number {
    this.#id++;
    this.ws.send(JSON.stringify({ id: this.#id, cmd, params }));
    return this.#id;
  }

  subscribe(channels: readonly string[], market_tickers?: readonly string[], more: object = {}): number {
    return this.command('subscribe', { channels, market_tickers, use_yes_price: false, ...more });
  }

  /** The reply to a command. */
  async reply(id: number): Promise<Frame> {
    await this.until(() => this.frames().some((frame) => frame.id === id), `reply ${id}`);
    return this.frames().find((frame) => frame.id === id)!;
  }

  frames(): Frame[] {
    return this.raws.map((raw) => JSON.parse(raw) as Frame);
  }

  ofType(type: string): Frame[] {
    return this.frames().filter((frame) => frame.type === type);
  }

  async until(holds: () => boolean, what: string): Promise<void> {
    await eventually(holds, () => `${what}; heard ${this.raws.length} frames, closed ${String(this.closed)}`);
  }

  async leave(): Promise<void> {
    if (this.closed !== undefined) return;
    this.ws.close();
    await once(this.ws, 'close');
  }
}

export async function eventually(holds: () => boolean, what: () => string): Promise<void> {
  const end = Date.now() + WAIT_MAX_MS;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`did not come: ${what()}`);
    await passing(2);
  }
}

export async function passing(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Headers of a signed request, made from the documentation and not from our own code. */
export function signedHeaders(keyId: string, key: KeyObject, path = '/trade-api/ws/v2', at = Date.now()) {
  const text = Buffer.from(`${at}GET${path}`);
  const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
  const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
  const signature = key.asymmetricKeyType === 'ed25519' ? sign(null, text, key) : sign('sha256', text, pss);
  return {
    'KALSHI-ACCESS-KEY': keyId,
    'KALSHI-ACCESS-TIMESTAMP': String(at),
    'KALSHI-ACCESS-SIGNATURE': signature.toString('base64'),
  };
}

/** What an upgrade is answered with where it is refused. */
export async function refusal(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string }> {
  const ws = new WebSocket(url, { headers });
  return await new Promise((resolve, reject) => {
    ws.on('open', () => reject(new Error('was let in')));
    ws.on('error', reject);
    ws.on('unexpected-response', (_request, response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (body += part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
  });
}
