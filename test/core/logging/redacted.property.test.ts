import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventLog } from '../../../core/logging/event-log.ts';
import { Redactor } from '../../../core/logging/redact.ts';
import { redactedWriter } from '../../../core/logging/redacted.ts';
import { Secret } from '../../../core/logging/secret.ts';

test('a secret planted in any field of any event, in errors and stacks, reaches no line', () => {
  const planted = fc
    .stringMatching(/^[A-Za-z0-9!$%^&*()_+=/?.,<>;:' -]{12,40}$/)
    .filter((text) => text.trim().length >= 12);
  fc.assert(
    fc.property(planted, fc.string(), fc.string(), (secret, before, behind) => {
      const lines: string[] = [];
      const write = redactedWriter(
        (...line) => void lines.push(JSON.stringify(line)),
        new Redactor([new Secret(secret)]),
      );
      const log = eventLog(write);
      const error = new Error(`${before}${secret}${behind}`);
      log('crashed', { exception_type: secret, exception_msg: error.message, detail: error.stack ?? '' });
      log('startup_refused', { faults: [secret, `${before}${secret}`] });
      log('ws_connecting', {
        session_id: 's',
        connection: 0,
        attempt: 1,
        url: `wss://user:${encodeURIComponent(secret)}@host`,
      });
      expect(lines).toHaveLength(3);
      for (const line of lines) {
        expect(line).not.toContain(secret.trim());
        expect(line).not.toContain(JSON.stringify(secret.trim()).slice(1, -1));
        expect(JSON.parse(line)).toHaveLength(3);
      }
    }),
  );
});
