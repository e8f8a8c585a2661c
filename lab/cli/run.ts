/** The usage was wrong, or a file was not understood. */
export const EXIT_USAGE = 2;

type Command = (args: readonly string[], out: (line: string) => void) => Promise<number>;

/** Loaded when asked for: a part that is missing or broken does not take the others with it. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  'test-filters': async () => (await import('./test-filters.ts')).testFilters,
  'test-alarms': async () => (await import('./test-alarms.ts')).testAlarms,
  insights: async () => (await import('./insights.ts')).insights,
  replay: async () => (await import('./replay.ts')).replayFiles,
};

const USAGE = `CloudWatch offline: no account, no network.
  test-filters FILE      filter patterns against recorded answers
  test-alarms FILE       alarm states against the missing-data tables
  insights --query Q [--json] [--start T] [--end T] FILE.ndjson…
                         a Logs Insights query over log lines
  replay --template FILE [--group NAME=FILE] [--samples FILE] [--from T] [--to T] [--parameter K=V] FILE.ndjson…
                         log lines through the template's filters, metrics and alarms
Every command ends with one line of JSON: counts. Exit: 0 good, 1 something differs, 2 not understood.`;

/** Runs one command; the answer is the exit code. */
export async function runLab(argv: readonly string[], out: (line: string) => void): Promise<number> {
  const [name, ...args] = argv;
  if (name === 'help' || name === '--help') {
    out(USAGE);
    return 0;
  }
  const load = name === undefined || !Object.hasOwn(COMMANDS, name) ? undefined : COMMANDS[name];
  if (load === undefined) {
    out(name === undefined ? USAGE : `no command "${name}"\n${USAGE}`);
    return EXIT_USAGE;
  }
  const command = await load();
  return command(args, out);
}
