import { parseArgs } from 'node:util';
import { connect, systemClock } from '@yunshang/db';
import { examineChain } from './chain.ts';
import { type DoctorConfig, readDoctorConfig } from './config.ts';
import { reportText } from './report.ts';
import { type Finding, type Invariant, INVARIANTS } from './rule.ts';
import { rulesOf, runDoctor } from './run-doctor.ts';

const USAGE = 'usage: pnpm doctor [--only I1,I3] [--one-by-one] [--json]';

/** 0: the books are in order. 1: findings. 2: they could not be examined. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, 'one-by-one': { type: 'boolean' }, json: { type: 'boolean' } },
  });
  const only = values.only === undefined ? undefined : readOnly(values.only);
  const findings = await examine(readDoctorConfig(), { only, oneByOne: values['one-by-one'] === true });
  const rules = rulesOf(only).length + (isChosen(only, 'I12') ? 1 : 0);
  if (values.json === true) console.log(JSON.stringify({ rules, findings }, undefined, 2));
  else console.log(reportText(findings, rules));
  return findings.length === 0 ? 0 : 1;
}

type Wish = { only: ReadonlySet<Invariant> | undefined; oneByOne: boolean };

async function examine(config: DoctorConfig, { only, oneByOne }: Wish): Promise<Finding[]> {
  const { databaseUrl } = config;
  const database = connect(databaseUrl, { connectionLimit: 2 });
  try {
    const { db } = database;
    const onRule = (place: number, of: number, name: string): void => show(`${place} of ${of} ${name}`);
    const findings = await runDoctor(db, { now: systemClock.now(), only, oneByOne, onRule });
    if (!isChosen(only, 'I12')) return findings;
    show('audit chain');
    return [...findings, ...(await examineChain({ db, databaseUrl, clock: systemClock }, config))];
  } finally {
    show('');
    await database.close();
  }
}

function isChosen(only: ReadonlySet<Invariant> | undefined, invariant: Invariant): boolean {
  return only === undefined || only.has(invariant);
}

function readOnly(text: string): ReadonlySet<Invariant> {
  return new Set(
    text.split(',').map((word) => {
      const known = INVARIANTS.find((invariant) => invariant === word.trim());
      if (known === undefined) throw new Error(`${USAGE}; invariants are ${INVARIANTS.join(', ')}`);
      return known;
    }),
  );
}

/** One line on a terminal that is written over; nothing elsewhere. */
function show(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`doctor: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
