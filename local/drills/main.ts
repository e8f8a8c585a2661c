import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DRILLS, FAST_DRILLS } from './drills/all.ts';
import type { Drill } from './drill.ts';
import { type Judgement, judged } from './judgement.ts';
import { mutationsOf } from './mutate.ts';
import { pictureOf } from './picture.ts';
import { captureFile, fileName, runDrills } from './run.ts';
import type { Capture } from './scale.ts';
import { scoreOf, tableOf } from './table.ts';
import { deployedTemplate } from './template.ts';
import { timelineOf } from './timeline.ts';

const HELP = `npm run drill -- [NAME…]       carries drills out and prints their timelines
npm run drill -- --all         all of them, and a table; with --fast one of each kind
npm run drill -- --list        their names
npm run drill -- --replay      judges again what was captured last, without running anything
npm run drill -- --mutate      weakens alarms, filters and fields one by one over what was captured last
  --template FILE   instead of synthesizing        --stages N   stacks beside each other (3)
`;
const DIR = join('data', 'drills');
const say = (text: string): void => void process.stdout.write(`${text}\n`);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    fast: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    replay: { type: 'boolean', default: false },
    mutate: { type: 'boolean', default: false },
    template: { type: 'string' },
    stages: { type: 'string', default: '3' },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  const unknown = positionals.filter((name) => !DRILLS.some((drill) => drill.name === name));
  if (unknown.length > 0) return refuse(`there is no drill: ${unknown.join(', ')}`);
  if (values.list) {
    for (const { name, fault } of DRILLS) say(`${name}: ${fault}`);
    return 0;
  }
  const chosen = DRILLS.filter(({ name }) => positionals.includes(name));
  const wanted = positionals.length > 0 ? chosen : values.fast ? FAST_DRILLS : DRILLS;
  if (positionals.length === 0 && !values.all && !values.replay && !values.mutate) return refuse(HELP);
  const templateMade = deployedTemplate(values.template);
  templateMade.catch(() => undefined);
  if (values.mutate) return mutate(await templateMade, wanted);
  const captures = values.replay ? await captured(wanted) : await run(wanted, Number(values.stages));
  const template = await templateMade;
  const judge = ([drill, capture]: readonly [Drill, Capture]): Judgement => judged(template, drill, capture);
  const first = captures.map(judge);
  const holds = (drill: Drill): boolean => first.some((one) => one.drill === drill && one.faults.length === 0);
  // A second of drills is a minute: a machine that stood still for one may have made a fault of its own.
  const repeated = values.all ? wanted.filter((drill) => !holds(drill)) : [];
  for (const one of first)
    if (repeated.includes(one.drill)) for (const fault of one.faults) say(`first try of ${one.drill.name}: ${fault}`);
  const second = repeated.length === 0 ? [] : (await run(repeated, 1)).map(judge);
  const judgements = wanted.flatMap((drill) => {
    const last = [...second, ...first].find((one) => one.drill === drill);
    return last === undefined ? [] : [last];
  });
  await tell(judgements, positionals.length > 0, repeated);
  const broken = wanted.length - judgements.length;
  if (broken > 0) say(`${broken} drills could not be carried out`);
  return broken === 0 && judgements.every(({ faults }) => faults.length === 0) ? 0 : 1;
}

async function run(wanted: readonly Drill[], stages: number): Promise<readonly (readonly [Drill, Capture])[]> {
  const captures = new Map<Drill, Capture>();
  await runDrills(wanted, {
    stages,
    dir: DIR,
    onCaptured: (drill, capture) => void captures.set(drill, capture),
    onBroken: (drill, error) => say(`${drill.name} could not be carried out: ${String(error)}`),
  });
  return wanted.flatMap((drill) => (captures.has(drill) ? [[drill, captures.get(drill)!] as const] : []));
}

async function captured(wanted: readonly Drill[]): Promise<readonly (readonly [Drill, Capture])[]> {
  return Promise.all(
    wanted.map(
      async (drill) => [drill, JSON.parse(await readFile(captureFile(DIR, drill), 'utf8')) as Capture] as const,
    ),
  );
}

async function tell(judgements: readonly Judgement[], inFull: boolean, repeated: readonly Drill[]): Promise<void> {
  await mkdir(DIR, { recursive: true });
  for (const one of judgements) {
    await writeFile(join(DIR, `${fileName(one.drill.name)}.svg`), pictureOf(one.drill, one.watched));
    await writeFile(join(DIR, `${fileName(one.drill.name)}.txt`), `${timelineOf(one)}\n`);
    if (inFull) say(`${timelineOf(one)}\n`);
    else for (const fault of one.faults) say(`${one.drill.name}: ${fault}`);
  }
  say(`${tableOf(judgements)}\ntimelines and pictures: ${DIR}`);
  const again = repeated.map(({ name }) => name);
  if (again.length > 0) say(`carried out twice, for the first try was not as expected: ${again.join(', ')}`);
  say(JSON.stringify({ drills: judgements.length, ...scoreOf(judgements), repeated: again }));
}

async function mutate(template: Awaited<ReturnType<typeof deployedTemplate>>, wanted: readonly Drill[]) {
  // A drill that does not hold as it is would seem to kill everything.
  const captures = (await captured(wanted)).filter(([drill, capture]) => {
    const { faults } = judged(template, drill, capture);
    for (const fault of faults) say(`left out, ${drill.name}: ${fault}`);
    return faults.length === 0;
  });
  const survivors: string[] = [];
  let all = 0;
  for (const { name, isKilled } of mutationsOf(template, captures)) {
    all++;
    if (isKilled()) continue;
    survivors.push(name);
    say(`survived: ${name}`);
  }
  say(`killed ${all - survivors.length} of ${all}: ${(100 * (1 - survivors.length / all)).toFixed(1)} %`);
  return survivors.length === 0 && captures.length === wanted.length ? 0 : 1;
}

function refuse(text: string): number {
  process.stderr.write(`${text}\n`);
  return 2;
}
