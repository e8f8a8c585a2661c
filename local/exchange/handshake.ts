import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface HandshakeRules {
  /** Public keys by key id; undefined: everybody is let in, and is not signed in. */
  readonly keys: ReadonlyMap<string, KeyObject> | undefined;
  /** digest: salts of 32 bytes only. auto: any length, as the real exchange perhaps allows. */
  readonly saltLength: 'digest' | 'auto';
  /** How far a signature's time may be from ours, either way. */
  readonly skewMs: number;
}

export type Admission =
  | { readonly kind: 'admitted'; readonly keyId: string | undefined }
  | { readonly kind: 'refused'; readonly body: string };

/** Checks the signature over timestamp + GET + path (no host, no query). A refusal is a 401 with this JSON body. */
export function admit(headers: IncomingHttpHeaders, path: string, rules: HandshakeRules, now_ms: number): Admission {
  if (rules.keys === undefined) return { kind: 'admitted', keyId: undefined };
  const keyId = headers['kalshi-access-key'];
  const timestamp = headers['kalshi-access-timestamp'];
  const signature = headers['kalshi-access-signature'];
  if (typeof keyId !== 'string' || typeof timestamp !== 'string' || typeof signature !== 'string') {
    return refused('MISSING_HEADERS');
  }
  const key = rules.keys.get(keyId);
  if (key === undefined) return refused('NOT_FOUND');
  if (!/^\d{1,16}$/.test(timestamp) || Math.abs(now_ms - Number(timestamp)) > rules.skewMs)
    return refused('TIMESTAMP_OUT_OF_RANGE');
  const genuine = isGenuine(`${timestamp}GET${path}`, signature, key, rules.saltLength);
  return genuine ? { kind: 'admitted', keyId } : refused('INCORRECT_API_KEY_SIGNATURE');
}

/** PEM texts of public keys. Throws where one is not a key. */
export function readPublicKeys(pems: Readonly<Record<string, string>>): ReadonlyMap<string, KeyObject> {
  return new Map(Object.entries(pems).map(([keyId, pem]) => [keyId, createPublicKey(pem)]));
}

function isGenuine(text: string, signature: string, key: KeyObject, saltLength: HandshakeRules['saltLength']): boolean {
  const data = Buffer.from(text);
  const bytes = Buffer.from(signature, 'base64');
  if (key.asymmetricKeyType === 'ed25519') return verify(null, data, key, bytes);
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  const salt = saltLength === 'digest' ? constants.RSA_PSS_SALTLEN_DIGEST : constants.RSA_PSS_SALTLEN_AUTO;
  return verify('sha256', data, { key, padding, saltLength: salt }, bytes);
}

/** The shape was seen on the wire (details NOT_FOUND); the other details are ours. */
function refused(details: string): Admission {
  return { kind: 'refused', body: JSON.stringify({ code: 'authentication_error', details }) };
}
