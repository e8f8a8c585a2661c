import { describe, expect, it } from 'vitest';
import { faultFrom } from '../../../local/clickhouse/errors.ts';

// Texts of chdb 3.4.0 (26.7.2.1).
describe('faultFrom', () => {
  it.each([
    [
      'Code: 60. DB::Exception: Table default.t does not exist. (UNKNOWN_TABLE)',
      60,
      'UNKNOWN_TABLE',
      404,
      'Table default.t does not exist.',
    ],
    [
      'Code: 73. DB::Exception: Code: 73. DB::Exception: Unknown format X. (UNKNOWN_FORMAT) (version 26.7.2.1). (UNKNOWN_FORMAT) (version 26.7.2.1). (UNKNOWN_FORMAT)',
      73,
      'UNKNOWN_FORMAT',
      404,
      'Unknown format X.',
    ],
    [
      'Code: 241. DB::Exception: (total) memory limit exceeded: maximum: 9.54 MiB. (MEMORY_LIMIT_EXCEEDED)',
      241,
      'MEMORY_LIMIT_EXCEEDED',
      500,
      '(total) memory limit exceeded: maximum: 9.54 MiB.',
    ],
    ['something else', 1002, 'UNKNOWN_EXCEPTION', 500, 'something else'],
  ])('reads %j', (text, code, type, status, message) => {
    expect(faultFrom(new Error(text))).toMatchObject({ code, type, status, message });
  });

  it('does not show the file the rows were in', () => {
    const text =
      'Code: 27. DB::Exception: Code: 27. DB::Exception: Cannot parse: (at row 2)\n: (in file/uri /tmp/secret/rows.bin): While executing File. (CANNOT_PARSE_INPUT_ASSERTION_FAILED) (version 26.7.2.1). (CANNOT_PARSE_INPUT_ASSERTION_FAILED)';
    const { code, message } = faultFrom(new Error(text), '/tmp/secret/rows.bin');
    expect(code).toBe(27);
    expect(message).toContain('(at row 2)');
    expect(message).not.toContain('/tmp');
  });
});
