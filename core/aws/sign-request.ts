import { createHash, createHmac } from 'node:crypto';

/** Keys as Lambda and ECS give them to a program. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Absent for a user's own keys. */
  readonly sessionToken?: string | undefined;
}

export interface AwsRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  /** Every one of them is signed. `host` is signed too, and left to who sends the request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly region: string;
  readonly service: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/**
 * The headers to send, the signature among them (AWS Signature Version 4, "Create a signed AWS API request"). Valid for
 * five minutes around `now_ms`. Paths are taken as they are: for services other than S3, of plain segments only.
 */
export function signRequest(request: AwsRequest, credentials: AwsCredentials, now_ms: number): Record<string, string> {
  const { method, url, body, region, service } = request;
  const instant = new Date(now_ms).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = `${instant.slice(0, 8)}/${region}/${service}/aws4_request`;
  const { sessionToken } = credentials;
  const headers: Record<string, string> = {
    ...request.headers,
    'x-amz-date': instant,
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
  };
  const named = Object.entries({ ...headers, host: url.host })
    .map(([name, value]) => [name.toLowerCase(), value.trim().replace(/ +/g, ' ')] as const)
    .sort(byCodeUnits);
  const signedHeaders = named.map(([name]) => name).join(';');
  const canonical = [
    method,
    url.pathname,
    queryOf(url),
    ...named.map(([name, value]) => `${name}:${value}`),
    '',
    signedHeaders,
    sha256(body),
  ].join('\n');
  const toSign = [ALGORITHM, instant, scope, sha256(canonical)].join('\n');
  const key = [...scope.split('/')].reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`);
  const signature = hmac(key, toSign).toString('hex');
  const credential = `Credential=${credentials.accessKeyId}/${scope}`;
  return {
    ...headers,
    authorization: `${ALGORITHM} ${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`,
  };
}

function queryOf(url: URL): string {
  return [...url.searchParams]
    .map(([name, value]) => [encoded(name), encoded(value)] as const)
    .sort(byCodeUnits)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function byCodeUnits([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
