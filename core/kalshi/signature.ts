import { constants, createPrivateKey, type KeyObject, sign } from 'node:crypto';

/** The path that is signed: no host, no query. Source: Kalshi, quick_start_websockets. */
export const WS_PATH = '/trade-api/ws/v2';

/** A credential that signs and never shows itself: it has no enumerable key and prints as its key id. */
export class Credential {
  readonly keyId: string;
  readonly #key: KeyObject;

  /** Throws where `pem` is not a private key of a kind the exchange takes (RSA, Ed25519); the message never holds the key. */
  constructor(keyId: string, pem: string) {
    this.keyId = keyId;
    this.#key = readPrivateKey(pem);
  }

  /** Headers of one upgrade request. They carry the time, so every attempt needs its own. */
  upgradeHeaders(now_ms: number, path: string = WS_PATH): Record<string, string> {
    const timestamp = String(now_ms);
    return {
      'KALSHI-ACCESS-KEY': this.keyId,
      'KALSHI-ACCESS-TIMESTAMP': timestamp,
      'KALSHI-ACCESS-SIGNATURE': this.#sign(`${timestamp}GET${path}`),
    };
  }

  #sign(text: string): string {
    const bytes = Buffer.from(text);
    if (this.#key.asymmetricKeyType === 'ed25519') return sign(null, bytes, this.#key).toString('base64');
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
    return sign('sha256', bytes, { key: this.#key, padding, saltLength }).toString('base64');
  }
}

function readPrivateKey(pem: string): KeyObject {
  const key = parse(pem.replaceAll('\\n', '\n'));
  const kind = key?.asymmetricKeyType;
  if (key === undefined || (kind !== 'rsa' && kind !== 'rsa-pss' && kind !== 'ed25519')) {
    throw new Error('the private key cannot be used: it must be a PEM of an RSA or Ed25519 private key');
  }
  return key;
}

function parse(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
