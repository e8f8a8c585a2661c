import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Exchange, startExchange } from '../../../local/exchange/server.ts';
import { Client, refusal, signedHeaders } from './client.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const ed = generateKeyPairSync('ed25519');
const pem = (key: typeof rsa.publicKey) => key.export({ type: 'spki', format: 'pem' }).toString();

let exchange: Exchange;
beforeAll(async () => {
  exchange = await startExchange({
    markets: ['KXA-1.5', 'KXB-2'],
    rate: 0,
    keys: { 'rsa-key': pem(rsa.publicKey), 'ed-key': pem(ed.publicKey) },
  });
});
afterAll(() => exchange.close());

describe('connecting', () => {
  it.each([
    ['RSA', 'rsa-key', rsa.privateKey],
    ['Ed25519', 'ed-key', ed.privateKey],
  ])('works with an %s key', async (_, keyId, key) => {
    const client = await Client.open(exchange.wsUrl, signedHeaders(keyId, key));
    expect(exchange.control.sent().at(-1)).toMatchObject({ keyId, closed_ts: undefined });
    await client.leave();
  });

  it('is refused with 401 and JSON without a signature, with a wrong one, and with an old one', async () => {
    const old = Date.now() - 31_000;
    const refusals = await Promise.all([
      refusal(exchange.wsUrl),
      refusal(exchange.wsUrl, signedHeaders('rsa-key', ed.privateKey)),
      refusal(exchange.wsUrl, signedHeaders('other-key', rsa.privateKey)),
      refusal(exchange.wsUrl, signedHeaders('rsa-key', rsa.privateKey, undefined, old)),
    ]);
    expect(refusals.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
    expect(refusals.map(({ body }) => (JSON.parse(body) as { code: string }).code)).toEqual(
      new Array(4).fill('authentication_error'),
    );
    expect(refusals[2].body).toBe('{"code":"authentication_error","details":"NOT_FOUND"}');
  });

  it('ignores the query and refuses another path', async () => {
    const client = await Client.open(`${exchange.wsUrl}?a=1`, signedHeaders('ed-key', ed.privateKey));
    await client.leave();
    const elsewhere = exchange.wsUrl.replace('/ws/v2', '/ws/v3');
    expect((await refusal(elsewhere, signedHeaders('ed-key', ed.privateKey))).status).toBe(404);
  });
});

describe('REST over the same port', () => {
  it('is open, but for the book, which wants a signature over its own path', async () => {
    const status = await fetch(`${exchange.restUrl}/exchange/status`);
    expect([status.status, await status.json()]).toEqual([200, { exchange_active: true, trading_active: true }]);
    const book = `${exchange.restUrl}/markets/KXA-1.5/orderbook`;
    expect((await fetch(book)).status).toBe(401);
    const path = new URL(book).pathname;
    const signed = await fetch(`${book}?depth=1`, { headers: signedHeaders('ed-key', ed.privateKey, path) });
    expect(signed.status).toBe(200);
    expect(await signed.json()).toHaveProperty('orderbook_fp.yes_dollars');
    expect((await fetch(`${exchange.restUrl}/markets`, { method: 'POST' })).status).toBe(405);
  });
});
