import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What somebody asked of a loopback server. */
export interface Asked {
  /** The action: `StartQuery`, `Publish`, or the path where it is no AWS. */
  readonly action: string;
  /** The parameters, whatever the protocol. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** A status and a body; `hang`: never an answer. */
export type Answer = { readonly status?: number; readonly body?: unknown; readonly location?: string } | 'hang';
export type Script = (asked: Asked) => Answer;

/**
 * A loopback server that speaks JSON 1.1 (CloudWatch Logs: the action in `x-amz-target`), Query (SNS: the action in the
 * form, the answer in XML) and plain JSON (a webhook), and keeps what it was asked.
 */
export class LoopbackAws {
  readonly asked: Asked[] = [];
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server, script: Script) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const asked = askedOf(request, Buffer.concat(chunks).toString());
        this.asked.push(asked);
        const answer = script(asked);
        if (answer === 'hang') return;
        const { status = 200, body = {}, location } = answer;
        const isXml = typeof body === 'string';
        response.writeHead(status, {
          'content-type': isXml ? 'text/xml' : 'application/x-amz-json-1.1',
          ...(location === undefined ? {} : { location }),
        });
        response.end(isXml ? body : JSON.stringify(body));
      });
    });
  }

  static async start(script: Script): Promise<LoopbackAws> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new LoopbackAws(server, script);
  }

  actions(): readonly string[] {
    return this.asked.map(({ action }) => action);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export const PUBLISHED = {
  body: '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>m-1</MessageId></PublishResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></PublishResponse>',
} as const;

function askedOf({ headers, url = '' }: IncomingMessage, body: string): Asked {
  const target = headers['x-amz-target'];
  if (typeof target === 'string')
    return { action: target.split('.')[1]!, input: JSON.parse(body) as Record<string, unknown> };
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true) {
    const input = Object.fromEntries(new URLSearchParams(body));
    return { action: input['Action']!, input };
  }
  return { action: url, input: JSON.parse(body) as Record<string, unknown> };
}
