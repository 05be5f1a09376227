import type { Db } from '@yunshang/db';
import { RULES as DOCTOR_RULES, runDoctor } from '../doctor/run-doctor.ts';
import type { Finding, Report, Unjudged } from '../report/report.ts';
import { reportOf } from '../report/verdict.ts';
import type { DatabaseFacts } from './facts.ts';
import { invariantRuleId, LATE_RULE } from './invariant-docs.ts';
import { loadDatabase } from './load-database.ts';
import { DATABASE_RULES } from './rules.ts';

type Judged = { findings: Finding[]; unjudged: Unjudged[] };

/** Judges a live database: its schema, settings and account, and the rows of it when it is ours. Reads only. */
export async function reviewDatabase(
  db: Db,
  { now, account }: { now: Date; account?: string | undefined },
): Promise<Report> {
  const facts = await loadDatabase(db, { account });
  const [schema, rows] = [
    judgeFacts(facts, account),
    facts.expected === undefined ? undefined : await judgeRows(db, now),
  ];
  return reportOf({
    findings: [...schema.findings, ...(rows?.findings ?? [])],
    unjudged: [...schema.unjudged, ...(rows?.unjudged ?? [])],
    items: facts.actual.tables.size,
    rules: DATABASE_RULES.length + (rows === undefined ? 0 : DOCTOR_RULES.length),
  });
}

/** Everything but the rows; pure. */
export function judgeFacts(facts: DatabaseFacts, account?: string): Judged {
  const hits = DATABASE_RULES.flatMap(({ id, severity, find }) =>
    find(facts).map(({ isUnsure = false, ...hit }) => ({ ruleId: id, severity, isUnsure, ...hit })),
  );
  return {
    findings: hits
      .filter(({ isUnsure }) => !isUnsure)
      .map(({ isUnsure: _isUnsure, evidence = [], ...finding }) => ({ ...finding, evidence: [...evidence] })),
    unjudged: [
      ...hits
        .filter(({ isUnsure }) => isUnsure)
        .map(({ ruleId, where, message, evidence = [] }) => ({
          where,
          reason: {
            zh: `${ruleId}：${message.zh}，服务器不同，请人工核对：${evidence.join('；')}`,
            en: `${ruleId}: ${message.en}, but servers print it differently; compare: ${evidence.join('; ')}`,
          },
        })),
      ...blindSpots(facts, account),
    ],
  };
}

function blindSpots({ actual, account, schemaName }: DatabaseFacts, named: string | undefined): Unjudged[] {
  const spots: Unjudged[] = [];
  if (actual.tables.size === 0)
    spots.push({
      where: { path: `database.${schemaName}` },
      reason: { zh: '看不到任何表', en: 'there are no tables that this account can see' },
    });
  if (actual.triggers === undefined)
    spots.push({
      where: { path: 'database.triggers' },
      reason: {
        zh: '该账户看不到触发器：GRANT EXECUTE ON PROCEDURE guard_triggers',
        en: 'this account can not see triggers: GRANT EXECUTE ON PROCEDURE guard_triggers to it',
      },
    });
  if (account === undefined)
    spots.push({
      where: { path: `server.accounts.${named ?? 'own'}` },
      reason: { zh: '看不到该账户的权限', en: 'there is no such account, or its privileges can not be seen from here' },
    });
  return spots;
}

/** The doctor's invariants. A database that they can not be asked of is not judged. */
async function judgeRows(db: Db, now: Date): Promise<Judged> {
  try {
    const found = await runDoctor(db, { now });
    const findings = found.map(({ invariant, rule, severity, table, id, detail, explanation }): Finding => ({
      ruleId: severity === 'warning' ? LATE_RULE : invariantRuleId(invariant),
      severity: severity === 'warning' ? 'WARNING' : 'FAIL',
      message: explanation,
      where: { table, row: id },
      evidence: [`${invariant} ${rule}: ${detail}`],
    }));
    return { findings, unjudged: [] };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const reason = { zh: `不变量无法检查：${message}`, en: `the invariants can not be examined: ${message}` };
    return { findings: [], unjudged: [{ where: { path: 'database.rows' }, reason }] };
  }
}
