import { connect, systemClock } from '@yunshang/db';
import { readDoctorConfig } from './config.ts';
import { reportText } from './report.ts';
import { RULES, runDoctor } from './run-doctor.ts';

const database = connect(readDoctorConfig().databaseUrl, { connectionLimit: 1 });
try {
  const findings = await runDoctor(database.db, { now: systemClock.now() });
  console.log(reportText(findings, RULES.length));
  process.exitCode = findings.length === 0 ? 0 : 1;
} finally {
  await database.close();
}
