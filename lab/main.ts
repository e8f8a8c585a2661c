import { EXIT_USAGE, runLab } from './cli/run.ts';

/** The command line of the lab. See lab/README.md. */
const print = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  process.exitCode = await runLab(process.argv.slice(2), print);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = EXIT_USAGE;
}
