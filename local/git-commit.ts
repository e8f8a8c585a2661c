import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const WITHIN_MS = 5_000;

/** The commit that is checked out, `-dirty` behind it where files differ from it; '' where there is no git or no repository. */
export function gitCommit(): string {
  try {
    const described = execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=12', '--exclude=*'], {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: WITHIN_MS,
    });
    return described.trim();
  } catch {
    return '';
  }
}
