import { expect, test } from 'vitest';
import { signRequest } from '../../../core/aws/sign-request.ts';

/** The keys, the instant and the signature of AWS's own worked example ("Signature Version 4", IAM ListUsers). */
const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const INSTANT = Date.parse('2015-08-30T12:36:00Z');
const REQUEST = {
  method: 'GET',
  url: new URL('https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08'),
  headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
  body: '',
  region: 'us-east-1',
  service: 'iam',
} as const;

test('a request is signed as in AWS’s worked example', () => {
  expect(signRequest(REQUEST, CREDENTIALS, INSTANT)['authorization']).toBe(
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, ' +
      'SignedHeaders=content-type;host;x-amz-date, ' +
      'Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  );
});

test('a session’s token is sent and signed', () => {
  const headers = signRequest(REQUEST, { ...CREDENTIALS, sessionToken: 'token' }, INSTANT);
  expect(headers['x-amz-security-token']).toBe('token');
  expect(headers['authorization']).toContain('host;x-amz-date;x-amz-security-token');
});

test.each([
  ['body', { ...REQUEST, body: 'x' }],
  ['query', { ...REQUEST, url: new URL('https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-09') }],
  ['host', { ...REQUEST, url: new URL('https://iam.example.com/?Action=ListUsers&Version=2010-05-08') }],
  ['region', { ...REQUEST, region: 'eu-west-1' }],
])('another %s has another signature', (_, request) => {
  const signature = (of: typeof request) => signRequest(of, CREDENTIALS, INSTANT)['authorization']?.split('=').at(-1);
  expect(signature(request)).not.toBe(signature(REQUEST));
});
