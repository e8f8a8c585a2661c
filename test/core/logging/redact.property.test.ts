import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Redactor } from '../../../core/logging/redact.ts';
import { Secret } from '../../../core/logging/secret.ts';

const secretText = fc
  .stringMatching(/^[A-Za-z0-9!$%^&*()_+=/?.,<>;:'" -]{12,40}$/)
  .filter((text) => text.trim().length >= 12);

/** Ways in which a value comes to stand in a line. */
const carriers: readonly ((secret: string) => string)[] = [
  (secret) => JSON.stringify({ exception_msg: `login failed for ${secret}` }),
  (secret) => JSON.stringify({ detail: new Error(`cannot use ${secret}`).stack }),
  (secret) => JSON.stringify({ nested: JSON.stringify({ pass: secret }) }),
  (secret) => JSON.stringify({ url: `https://host/?key=${encodeURIComponent(secret)}` }),
  (secret) => JSON.stringify({ header: Buffer.from(secret.trim()).toString('base64') }),
  (secret) => inspect({ secret }),
];

describe('Redactor', () => {
  test('no line holds a known secret, in whatever usual encoding, and JSON stays JSON', () => {
    fc.assert(
      fc.property(secretText, fc.constantFrom(...carriers), (secret, carry) => {
        const line = carry(secret);
        const cleaned = new Redactor([new Secret(secret)]).clean(line);
        expect(cleaned).not.toContain(secret.trim());
        expect(cleaned).not.toContain(encodeURIComponent(secret.trim()));
        expect(cleaned).not.toContain(Buffer.from(secret.trim()).toString('base64'));
        if (line.startsWith('{"')) expect(() => JSON.parse(cleaned) as unknown).not.toThrow();
      }),
    );
  });

  test('what looks like a secret goes though nobody named it', () => {
    const { privateKey } = generateKeyPairSync('ed25519', {
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const body = privateKey.split('\n')[1]!;
    const redactor = new Redactor([]);
    for (const [line, hidden] of [
      [JSON.stringify({ detail: privateKey }), body],
      [`{"detail":"-----BEGIN PRIVATE KEY-----\\n${body}`, body],
      ['connect to https://tape:hunter2hunter@ch.example.com:8443/', 'hunter2hunter'],
      ['{"h":"KALSHI-ACCESS-SIGNATURE: c2lnbmF0dXJl"}', 'c2lnbmF0dXJl'],
      ['password=correct-horse', 'correct-horse'],
      ['"api_key":"abcdef123456"', 'abcdef123456'],
      ['AKIAIOSFODNN7EXAMPLE', 'AKIAIOSFODNN7EXAMPLE'],
      ['Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.e30', 'eyJhbGciOiJIUzI1NiJ9'],
      ['https://hook.example.com/?token=s3cr3t-t0ken&x=1', 's3cr3t-t0ken'],
      ['{"token":"s3cr3t-t0ken"}', 's3cr3t-t0ken'],
      ['Server=db;Uid=tape;Pwd=hunter2hunter;', 'hunter2hunter'],
      ['X-ClickHouse-Key: correct-horse', 'correct-horse'],
      ["{ accessKeyId: 'AKID', sessionToken: 'IQoJb3JpZ2luX2Vj' }", 'IQoJb3JpZ2luX2Vj'],
      ['x-amz-security-token: IQoJb3JpZ2luX2Vj', 'IQoJb3JpZ2luX2Vj'],
      ['{"SecretString":"correct horse","ARN":"x"}', 'correct horse'],
      [JSON.stringify({ SecretString: JSON.stringify({ KALSHI_API_KEY_ID: 'abc-1 def' }) }), 'abc-1'],
    ] as const) {
      expect(redactor.clean(line), line).not.toContain(hidden);
    }
  });

  const carried = fc.stringMatching(/^[A-Za-z0-9_+.~-]{12,40}$/);
  const named = fc.constantFrom(
    (secret: string) => `token=${secret}`,
    (secret: string) => `pwd=${secret}`,
    (secret: string) => `X-ClickHouse-Key: ${secret}`,
    (secret: string) => `sessionToken: '${secret}'`,
    (secret: string) => JSON.stringify({ SecretString: `${secret} "${secret}"\n` }),
    (secret: string) => JSON.stringify({ token: secret }),
  );
  test('what is named as a secret goes, before and behind anything, in a line and in a line within it; JSON stays JSON', () => {
    const redactor = new Redactor([]);
    fc.assert(
      fc.property(named, carried, fc.string(), fc.string(), (name, secret, before, behind) => {
        const once = JSON.stringify({ detail: `${before} ${name(secret)} ${behind}` });
        for (const line of [once, JSON.stringify({ detail: once })]) {
          const cleaned = redactor.clean(line);
          expect(cleaned).not.toContain(secret);
          expect(() => JSON.parse(cleaned) as unknown).not.toThrow();
          expect(redactor.clean(cleaned)).toBe(cleaned);
        }
      }),
    );
  });

  test.each([
    'Unrecognized token: Syntax error: failed at position 8',
    'Unexpected token \'<\', "<html>" is not valid JSON',
    'http://ch:8123/?insert_deduplication_token=20261123T100000000-000001&query=INSERT',
    'insert_deduplication_token: 20261123T100000000-000001',
    'PWD=/app OLDPWD=/',
    'primary key: (market_ticker, ts)',
    'CLICKHOUSE_PASSWORD_SECRET was not read: Secrets Manager refused it',
    'the answer holds no text: is the secret binary?',
  ])('harmless words stay: %s', (line) => {
    expect(new Redactor([]).clean(line)).toBe(line);
  });

  test('lines without secrets stay as they are', () => {
    const line = JSON.stringify({
      event: 'ws_connected',
      url: 'wss://host/trade-api/ws/v2',
      session_id: '20261123T190256123-9f3a1c',
    });
    expect(new Redactor([new Secret(randomBytes(12).toString('hex'))]).clean(line)).toBe(line);
  });

  test.each([
    'x',
    'ab-',
    'key_',
    '-----BEGIN ',
    '//',
    'Bearer a',
    'password ',
    'secret:',
    'token',
    'token:',
    'pwd=',
    'SecretString":"',
    'secretstring\\',
    '\\"',
  ])(
    'is done with a long text of %j: a line never holds up the recording',
    (part) => {
      const text = JSON.stringify({ detail: part.repeat(50_000) });
      expect(new Redactor([new Secret('correct-horse')]).clean(text).length).toBeGreaterThan(0);
    },
    5_000,
  );

  test('cleaning twice is cleaning once', () => {
    fc.assert(
      fc.property(fc.string(), secretText, (text, secret) => {
        const redactor = new Redactor([new Secret(secret)]);
        const once = redactor.clean(`${text} password=${secret}`);
        expect(redactor.clean(once)).toBe(once);
      }),
    );
  });
});

describe('Secret', () => {
  test('shows itself to nobody but who asks for it', () => {
    const secret = new Secret('correct-horse-battery');
    const shown = [
      String(secret),
      secret.toString(),
      JSON.stringify({ secret }),
      inspect({ deep: [secret] }),
      inspect(secret, { showHidden: true }),
    ];
    for (const text of shown) expect(text).not.toContain('horse');
    expect(secret.reveal()).toBe('correct-horse-battery');
  });
});
