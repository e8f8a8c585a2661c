import { readFileSync } from 'node:fs';
import { ConfigurationError } from '../core/contract/environment.ts';
import { gitCommit } from '../local/git-commit.ts';
import { tapeApp } from '../lib/tape-app.ts';
import { compileFilter } from '../lab/filter/compile-filter.ts';
import { PatternError } from '../lab/filter/pattern-error.ts';

/** `npx cdk synth --all -c stage=NAME`; cdk.json starts this. */
try {
  const guide = readFileSync(new URL('../LOGGING_GUIDE.md', import.meta.url), 'utf8');
  tapeApp(gitCommit(), { compiles: whyRefused, guide }).synth();
} catch (error) {
  // Faults of the settings are for who wrote them: a stack trace would hide them.
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

/** Why CloudWatch would refuse a filter pattern; undefined: it would take it. */
function whyRefused(pattern: string): string | undefined {
  try {
    compileFilter(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
}
