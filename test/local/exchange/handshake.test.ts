import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { admit, type HandshakeRules } from '../../../local/exchange/handshake.ts';

const NOW = 1_795_460_400_000;
const PATH = '/trade-api/ws/v2';
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const ed = generateKeyPairSync('ed25519');
const RULES: HandshakeRules = {
  keys: new Map([
    ['rsa', rsa.publicKey],
    ['ed', ed.publicKey],
  ]),
  saltLength: 'digest',
  skewMs: 30_000,
};

function rsaSign(text: string, saltLength: number): string {
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return sign('sha256', Buffer.from(text), { key: rsa.privateKey, padding, saltLength }).toString('base64');
}

function edSign(text: string, key: KeyObject = ed.privateKey): string {
  return sign(null, Buffer.from(text), key).toString('base64');
}

function headers(keyId: string, signature: string, at = String(NOW)) {
  return { 'kalshi-access-key': keyId, 'kalshi-access-timestamp': at, 'kalshi-access-signature': signature };
}

const refused = (details: string) => ({
  kind: 'refused',
  body: `{"code":"authentication_error","details":"${details}"}`,
});

describe('the handshake', () => {
  it('admits an RSA-PSS signature with a salt as long as the digest', () => {
    const signature = rsaSign(`${NOW}GET${PATH}`, constants.RSA_PSS_SALTLEN_DIGEST);
    expect(admit(headers('rsa', signature), PATH, RULES, NOW)).toEqual({ kind: 'admitted', keyId: 'rsa' });
  });

  it('admits other salts only where so ruled', () => {
    const signature = headers('rsa', rsaSign(`${NOW}GET${PATH}`, constants.RSA_PSS_SALTLEN_MAX_SIGN));
    expect(admit(signature, PATH, RULES, NOW)).toEqual(refused('INCORRECT_API_KEY_SIGNATURE'));
    expect(admit(signature, PATH, { ...RULES, saltLength: 'auto' }, NOW)).toMatchObject({ kind: 'admitted' });
  });

  it('admits an Ed25519 signature', () => {
    expect(admit(headers('ed', edSign(`${NOW}GET${PATH}`)), PATH, RULES, NOW)).toEqual({
      kind: 'admitted',
      keyId: 'ed',
    });
  });

  it.each([
    ['another time', `${NOW - 1}GET${PATH}`],
    ['another method', `${NOW}POST${PATH}`],
    ['another path', `${NOW}GET${PATH}/`],
    ['the host too', `${NOW}GETlocalhost${PATH}`],
  ])('refuses a signature over %s', (_, text) => {
    expect(admit(headers('ed', edSign(text)), PATH, RULES, NOW)).toEqual(refused('INCORRECT_API_KEY_SIGNATURE'));
  });

  it('refuses the signature of another key, garbage, an unknown key id and missing headers', () => {
    const other = generateKeyPairSync('ed25519').privateKey;
    const text = `${NOW}GET${PATH}`;
    expect(admit(headers('ed', edSign(text, other)), PATH, RULES, NOW).kind).toBe('refused');
    expect(admit(headers('rsa', edSign(text)), PATH, RULES, NOW).kind).toBe('refused');
    expect(admit(headers('rsa', '%%%'), PATH, RULES, NOW).kind).toBe('refused');
    expect(admit(headers('nobody', edSign(text)), PATH, RULES, NOW)).toEqual(refused('NOT_FOUND'));
    expect(admit({}, PATH, RULES, NOW)).toEqual(refused('MISSING_HEADERS'));
  });

  it('refuses a time too far from its own, either way, and one that is no number', () => {
    const at = (time: string) => admit(headers('ed', edSign(`${time}GET${PATH}`), time), PATH, RULES, NOW);
    expect(at(String(NOW - 30_000)).kind).toBe('admitted');
    expect(at(String(NOW + 30_000)).kind).toBe('admitted');
    expect(at(String(NOW - 30_001))).toEqual(refused('TIMESTAMP_OUT_OF_RANGE'));
    expect(at(String(NOW + 30_001))).toEqual(refused('TIMESTAMP_OUT_OF_RANGE'));
    expect(at('now')).toEqual(refused('TIMESTAMP_OUT_OF_RANGE'));
  });

  it('lets everybody in, unsigned, where no keys are registered', () => {
    expect(admit({}, PATH, { ...RULES, keys: undefined }, NOW)).toEqual({ kind: 'admitted', keyId: undefined });
  });
});
