import type { Bilingual } from '@yunshang/contracts';
import type { DatabaseFacts } from '../facts.ts';
import type { DatabaseRule, Hit } from '../rule.ts';
import { plainText } from '../schema/plain-text.ts';
import type { Column, Table } from '../schema/schema.ts';

const MIGRATE: Bilingual = {
  zh: '查明是谁、为何改动了结构；运行缺少的迁移，或按迁移文件的原文恢复。先用 doctor 检查数据，已破坏约束的行要先修复。',
  en: 'Find who changed the schema and why; run the migrations that are missing, or put the thing back as its migration wrote it. Let doctor look at the data first: rows that break a constraint are mended before.',
};

const TABLE = (lines: readonly string[], engine = 'InnoDB'): string =>
  `CREATE TABLE \`quota_charges\` (\n  ${lines.join(',\n  ')}\n) ENGINE=${engine};`;
const ID = '`id` char(26) NOT NULL';
const TASK = '`task_id` char(26) NOT NULL';
const AMOUNT = '`amount` int(11) NOT NULL';
const PRIMARY = 'PRIMARY KEY (`id`)';
const UNIQUE = 'UNIQUE KEY `uq_quota_charges_task` (`task_id`)';
const CHECK = 'CONSTRAINT `ck_quota_charges_amount` CHECK (`amount` >= 0)';
const FOREIGN = 'CONSTRAINT `fk_quota_charges_task` FOREIGN KEY (`task_id`) REFERENCES `tasks` (`id`)';
const GOOD = TABLE([ID, TASK, AMOUNT, PRIMARY, UNIQUE, CHECK, FOREIGN]);
const TRIGGER =
  "CREATE TRIGGER quota_logs_no_update BEFORE UPDATE ON quota_logs FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'append-only';";

/** What the migrations made and is no longer so. */
export const schemaRules: readonly DatabaseRule[] = [
  {
    id: 'BG300',
    severity: 'FAIL',
    title: { zh: '缺少表', en: 'A table is missing' },
    why: {
      zh: '程序把它当作存在：没有账本表，扣减就没有记录。',
      en: 'The program takes it for granted: without a table of the ledger nothing that is deducted is on record.',
    },
    incidents: ['a predecessor: migrations fail from zero'],
    mend: MIGRATE,
    bad: TABLE([ID, PRIMARY]).replaceAll('quota_charges', 'other'),
    good: GOOD,
    find: ({ expected, actual }) =>
      [...(expected?.tables.keys() ?? [])]
        .filter((name) => !actual.tables.has(name))
        .map((table) => ({ where: { table }, message: { zh: '没有这个表', en: 'there is no such table' } })),
  },
  {
    id: 'BG301',
    severity: 'FAIL',
    title: { zh: '列缺少或类型不同', en: 'A column is missing or of another type' },
    why: {
      zh: '更窄的列会截断，可为空的列会漏掉原因，不区分大小写的标识会把两个不同的值当作同一个。',
      en: 'A narrower column cuts, one that may be null loses its cause, and an id without case takes two values for one.',
    },
    incidents: ['a predecessor: MODIFY by hand on production'],
    mend: MIGRATE,
    bad: TABLE([ID, TASK, '`amount` smallint(6) DEFAULT NULL', PRIMARY, UNIQUE, CHECK, FOREIGN]),
    good: GOOD,
    find: eachTable(({ columns }, { columns: found }, table) =>
      [...columns].flatMap(([name, column]) =>
        missing(table, name, { expected: columnText(column), found: columnText(found.get(name)) }),
      ),
    ),
  },
  {
    id: 'BG302',
    severity: 'FAIL',
    title: { zh: 'CHECK 约束缺少、不同或未启用', en: 'A CHECK is missing, different or not enforced' },
    why: {
      zh: 'CHECK 是余额不为负、账本首尾相接的最后一道防线：代码出错时由数据库拒绝。',
      en: 'The CHECK is the last to say no when code is wrong: to a negative balance, to a ledger with a gap.',
    },
    incidents: ['open-saas#727', 'customer review list: 不能允许配额出现负数'],
    mend: MIGRATE,
    bad: TABLE([ID, TASK, AMOUNT, PRIMARY, UNIQUE, FOREIGN]),
    good: GOOD,
    find: (facts) =>
      eachTable(({ checks }, { checks: found }, table) =>
        [...checks].flatMap(([name, { clause }]) => {
          const check = found.get(name);
          const text = check === undefined || check.isEnforced ? check?.clause : `${check.clause} NOT ENFORCED`;
          const hits = missing(table, name, { expected: clause, found: text });
          // The other server may print the same clause in its own words.
          const isUnsure = facts.server !== 'mariadb' && check?.isEnforced === true;
          return hits.map((hit) => ({ ...hit, isUnsure }));
        }),
      )(facts),
  },
  {
    id: 'BG303',
    severity: 'FAIL',
    title: { zh: '唯一键缺少或不同', en: 'A unique key is missing or different' },
    why: {
      zh: '同一笔支付只入账一次、同一任务只扣一次，由唯一键保证，而不是由代码先查后写。',
      en: 'That a payment is credited once and a task charged once is the work of the unique key, not of code that looks before it writes.',
    },
    incidents: ['opencode#28402', 'open-saas#688', 'suna PR#1597'],
    mend: MIGRATE,
    bad: TABLE([ID, TASK, AMOUNT, PRIMARY, 'KEY `uq_quota_charges_task` (`task_id`)', CHECK, FOREIGN]),
    good: GOOD,
    find: eachTable(({ keys }, { keys: found }, table) =>
      [...keys]
        .filter(([, { isUnique }]) => isUnique)
        .flatMap(([name, { columns }]) => {
          const key = found.get(name);
          const text = key?.isUnique === true ? key.columns.join(', ') : key && `KEY (${key.columns.join(', ')})`;
          return missing(table, name, { expected: columns.join(', '), found: text });
        }),
    ),
  },
  {
    id: 'BG304',
    severity: 'FAIL',
    title: { zh: '外键缺少或不同', en: 'A foreign key is missing or different' },
    why: {
      zh: '没有外键，账本行可以指向不存在的任务，用户也可以带着未结的扣款被删除。',
      en: 'Without it a ledger row can point at no task, and a member can be deleted with charges open.',
    },
    incidents: ['new-api#4211'],
    mend: MIGRATE,
    bad: TABLE([ID, TASK, AMOUNT, PRIMARY, UNIQUE, CHECK]),
    good: GOOD,
    find: eachTable(({ foreignKeys }, { foreignKeys: found }, table) =>
      [...foreignKeys].flatMap(([name, text]) => missing(table, name, { expected: text, found: found.get(name) })),
    ),
  },
  {
    id: 'BG305',
    severity: 'FAIL',
    title: { zh: '触发器缺少或不同', en: 'A trigger is missing or different' },
    why: {
      zh: '账本和审计表只增不改由触发器保证；没有它，一条 UPDATE 就能改写历史。',
      en: 'Triggers make ledgers and audit append-only. Without one a single UPDATE rewrites history.',
    },
    incidents: ['customer review list: 不能修改历史财务数据'],
    mend: MIGRATE,
    bad: TRIGGER.replace('BEFORE UPDATE', 'BEFORE DELETE'),
    good: TRIGGER,
    find: ({ expected, actual }) =>
      [...(actual.triggers === undefined ? [] : (expected?.triggers?.values() ?? []))].flatMap((trigger) => {
        const { name, table } = trigger;
        const found = actual.triggers?.get(name);
        const text = ({ timing, event, body, table: on }: typeof trigger): string =>
          `${timing} ${event} ON ${on} ${body}`;
        return missing(table, name, { expected: text(trigger), found: found && text(found) });
      }),
  },
  {
    id: 'BG306',
    severity: 'FAIL',
    title: { zh: '表不支持事务', en: 'A table knows no transactions' },
    why: {
      zh: 'MyISAM 等引擎没有事务、行锁和外键：扣减和记录无法同时成立或同时撤销。',
      en: 'Engines such as MyISAM have no transactions, row locks or foreign keys: a deduction and its record can not stand or fall together.',
    },
    incidents: ['customer review list: 不能在没有事务保证的情况下操作配额'],
    mend: { zh: 'ALTER TABLE … ENGINE=InnoDB。', en: 'ALTER TABLE … ENGINE=InnoDB.' },
    bad: TABLE([ID, PRIMARY], 'MyISAM'),
    good: TABLE([ID, PRIMARY]),
    find: ({ actual }) =>
      [...actual.tables.values()]
        .filter(({ engine }) => engine.toLowerCase() !== 'innodb')
        .map(({ name, engine }) => ({
          where: { table: name },
          message: { zh: `引擎是 ${engine}`, en: `its engine is ${engine}` },
        })),
  },
];

/** Tables that are there; one that is missing is one finding, not one for each thing in it. */
function eachTable(find: (expected: Table, actual: Table, name: string) => Hit[]): DatabaseRule['find'] {
  return ({ expected, actual }: DatabaseFacts) =>
    [...(expected?.tables.values() ?? [])].flatMap((table) => {
      const found = actual.tables.get(table.name);
      return found === undefined ? [] : find(table, found, table.name);
    });
}

function missing(table: string, object: string, text: { expected: string; found: string | undefined }): Hit[] {
  const { expected, found } = text;
  if (found !== undefined && plainText(found) === plainText(expected)) return [];
  const message =
    found === undefined
      ? { zh: `${object} 不存在`, en: `${object} is not there` }
      : { zh: `${object} 与迁移不同`, en: `${object} is not as the migrations made it` };
  return [
    { where: { table, object }, message, evidence: [`migrations: ${expected}`, `database: ${found ?? 'nothing'}`] },
  ];
}

function columnText(column: Column): string;
function columnText(column: Column | undefined): string | undefined;
function columnText(column: Column | undefined): string | undefined {
  if (column === undefined) return undefined;
  const { type, isNullable, collation } = column;
  return [type, ...(collation === undefined ? [] : [collation]), isNullable ? 'null' : 'not null'].join(' ');
}
