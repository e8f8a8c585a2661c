import { describe, expect, it } from 'vitest';
import { checkCredentials } from '../../../local/clickhouse/credentials.ts';
import { parseRequest } from '../../../local/clickhouse/request.ts';

const parse = (query: string, headers: Record<string, string> = {}, method = 'POST') =>
  parseRequest(method, new URLSearchParams(query), headers, () => 'new-id');

describe('parseRequest', () => {
  it('tells settings and parameters from the keys of the protocol', () => {
    const request = parse(
      'query=SELECT+1&database=d&query_id=q&param_x=%5C%27&max_threads=2&wait_end_of_query=1&http_headers_progress_interval_ms=5',
    );
    expect(request).toMatchObject({
      sql: 'SELECT 1',
      database: 'd',
      queryId: 'q',
      parameters: [['param_x', "\\'"]],
      settings: [['max_threads', '2']],
    });
  });

  it.each(["a'b", 'a=1,b', 'a b', 'a;b', '', '1a', 'ä'])('refuses %j as the name of a setting', (key) => {
    expect(() => parse(new URLSearchParams([[key, '1']]).toString())).toThrow(expect.objectContaining({ code: 115 }));
  });

  it('refuses native compression, which it would answer wrongly', () => {
    expect(() => parse('compress=1')).toThrow(expect.objectContaining({ code: 48 }));
    expect(() => parse('decompress=1')).toThrow(expect.objectContaining({ code: 48 }));
  });

  it.each([
    ['its headers', '', { 'x-clickhouse-user': 'u', 'x-clickhouse-key': 'p:w' }],
    ['basic authentication', '', { authorization: `Basic ${Buffer.from('u:p:w').toString('base64')}` }],
    ['the URL', 'user=u&password=p:w', {}],
  ])('takes user and password from %s', (_, query, headers) => {
    expect(parse(query, headers)).toMatchObject({ user: 'u', password: 'p:w' });
  });

  it('lets a GET change nothing', () => {
    expect(parse('query=SELECT 1', {}, 'GET').readOnly).toBe(true);
    expect(parse('query=SELECT 1', {}, 'POST').readOnly).toBe(false);
  });

  it('compresses only where URL and header both ask', () => {
    expect(parse('enable_http_compression=1', { 'accept-encoding': 'gzip, br' }).gzipAnswer).toBe(true);
    expect(parse('', { 'accept-encoding': 'gzip' }).gzipAnswer).toBe(false);
    expect(parse('enable_http_compression=1').gzipAnswer).toBe(false);
  });

  it('bounds the life of a session', () => {
    expect(parse('session_id=s').session).toEqual({ id: 's', timeoutSec: 60, mustExist: false, closeAfter: false });
    expect(() => parse('session_id=s&session_timeout=100000')).toThrow(expect.objectContaining({ code: 36 }));
  });
});

describe('checkCredentials', () => {
  it('refuses another password and another user', () => {
    expect(() => checkCredentials({ user: 'default', password: 'right' }, 'right')).not.toThrow();
    expect(() => checkCredentials({ user: 'default', password: 'wrong' }, 'right')).toThrow(
      expect.objectContaining({ code: 516, status: 403 }),
    );
    expect(() => checkCredentials({ user: 'default', password: '' }, 'right')).toThrow(
      expect.objectContaining({ code: 516 }),
    );
    expect(() => checkCredentials({ user: 'admin', password: '' }, undefined)).toThrow(
      expect.objectContaining({ code: 516 }),
    );
  });
});
