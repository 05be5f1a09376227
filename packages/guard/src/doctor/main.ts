import { connect, systemClock } from '@yunshang/db';
import { readDoctorConfig } from './config.ts';
import { reportText } from './report.ts';
import { RULES, runDoctor } from './run-doctor.ts';

/** 0: the books are in order. 1: findings. 2: they could not be examined. */
async function main(): Promise<number> {
  const database = connect(readDoctorConfig().databaseUrl, { connectionLimit: 1 });
  try {
    const findings = await runDoctor(database.db, { now: systemClock.now() });
    console.log(reportText(findings, RULES.length));
    return findings.length === 0 ? 0 : 1;
  } finally {
    await database.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`doctor: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
