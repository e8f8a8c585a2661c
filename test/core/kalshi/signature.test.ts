import { constants, generateKeyPairSync, type KeyObject, verify } from 'node:crypto';
import { format, inspect } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { Credential, WS_PATH } from '../../../core/kalshi/signature.ts';

interface Pair {
  readonly pem: string;
  readonly publicKey: KeyObject;
}

const NOW_MS = 1_795_460_576_123;
const TEXT = Buffer.from(`${NOW_MS}GET${WS_PATH}`);

let rsa: Pair;
let ed25519: Pair;

beforeAll(() => {
  rsa = pairOf(generateKeyPairSync('rsa', { modulusLength: 2048 }));
  ed25519 = pairOf(generateKeyPairSync('ed25519'));
});

function pairOf({ privateKey, publicKey }: { readonly privateKey: KeyObject; readonly publicKey: KeyObject }): Pair {
  return { pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), publicKey };
}

function signatureOf(pem: string, now_ms = NOW_MS): Buffer {
  return Buffer.from(new Credential('key-1', pem).upgradeHeaders(now_ms)['KALSHI-ACCESS-SIGNATURE']!, 'base64');
}

function verifiesPss(signature: Buffer, saltLength: number, text = TEXT): boolean {
  const key = { key: rsa.publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
  return verify('sha256', text, key, signature);
}

describe('the headers of an upgrade request', () => {
  test('name the key and the time in milliseconds', () => {
    const headers = new Credential('key-1', rsa.pem).upgradeHeaders(NOW_MS);
    expect(Object.keys(headers).sort()).toEqual([
      'KALSHI-ACCESS-KEY',
      'KALSHI-ACCESS-SIGNATURE',
      'KALSHI-ACCESS-TIMESTAMP',
    ]);
    expect(headers).toMatchObject({ 'KALSHI-ACCESS-KEY': 'key-1', 'KALSHI-ACCESS-TIMESTAMP': '1795460576123' });
  });

  test('are signed with RSA-PSS whose salt is as long as the digest', () => {
    const signature = signatureOf(rsa.pem);
    expect(verifiesPss(signature, 32)).toBe(true);
    expect(verifiesPss(signature, 20)).toBe(false);
    expect(verifiesPss(signature, 222)).toBe(false);
  });

  test('are signed with Ed25519 where the key is one', () => {
    const signature = signatureOf(ed25519.pem);
    expect(verify(null, TEXT, ed25519.publicKey, signature)).toBe(true);
    expect(verify(null, Buffer.from(`${NOW_MS + 1}GET${WS_PATH}`), ed25519.publicKey, signature)).toBe(false);
  });

  test('are signed anew for every attempt', () => {
    expect(verifiesPss(signatureOf(rsa.pem, NOW_MS + 1), 32)).toBe(false);
    expect(verifiesPss(signatureOf(rsa.pem, NOW_MS + 1), 32, Buffer.from(`${NOW_MS + 1}GET${WS_PATH}`))).toBe(true);
  });

  test('sign another path where one is given', () => {
    const signature = Buffer.from(
      new Credential('k', ed25519.pem).upgradeHeaders(NOW_MS, '/x')['KALSHI-ACCESS-SIGNATURE']!,
      'base64',
    );
    expect(verify(null, Buffer.from(`${NOW_MS}GET/x`), ed25519.publicKey, signature)).toBe(true);
  });
});

describe('a credential', () => {
  test('takes a key whose newlines are written as two characters', () => {
    expect(verifiesPss(signatureOf(rsa.pem.replaceAll('\n', '\\n')), 32)).toBe(true);
    expect(verifiesPss(signatureOf(rsa.pem.replaceAll('\n', '\r\n')), 32)).toBe(true);
  });

  test('never shows its key', () => {
    const credential = new Credential('key-1', rsa.pem);
    const body = rsa.pem.split('\n').slice(1, -2);
    const shown = [
      inspect(credential, { depth: 9, showHidden: true, getters: true }),
      JSON.stringify(credential),
      JSON.stringify(Object.getOwnPropertyDescriptors(credential)),
      format('%s %j %o', credential, credential, credential),
    ].join('\n');
    expect(shown).toContain('key-1');
    expect(shown).not.toContain('PRIVATE KEY');
    for (const line of body) expect(shown).not.toContain(line);
  });

  const SECRET = 'c2VjcmV0LWtleS1tYXRlcmlhbA';

  test.each([
    ['empty', ''],
    ['no PEM', SECRET],
    ['a PEM of garbage', `-----BEGIN PRIVATE KEY-----\n${SECRET}\n-----END PRIVATE KEY-----\n`],
    ['a certificate', `-----BEGIN CERTIFICATE-----\n${SECRET}\n-----END CERTIFICATE-----\n`],
  ])('refuses a key that is %s and says nothing of it', (_, pem) => {
    const error = errorOf(() => new Credential('key-1', pem));
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET);
    expect(error.message).toContain('private key');
  });

  test('refuses a key of another kind, a public key and a locked one', () => {
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
    const open = rsa.publicKey.export({ type: 'spki', format: 'pem' });
    const locked = generateKeyPairSync('ed25519').privateKey.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'p',
    });
    for (const pem of [ec, open, locked]) {
      const error = errorOf(() => new Credential('key-1', pem.toString()));
      expect(error.message).toContain('RSA or Ed25519');
      expect(inspect(error)).not.toContain(pem.toString().split('\n')[1]);
    }
  });
});

function errorOf(make: () => unknown): Error {
  try {
    make();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was taken');
}
