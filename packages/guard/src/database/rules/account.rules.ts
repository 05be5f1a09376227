import type { DatabaseRule } from '../rule.ts';

/** What undoes the protection that the schema gives. */
const UNDOING = ['ALL PRIVILEGES', 'SUPER', 'DROP', 'ALTER', 'TRIGGER', 'ALTER ROUTINE', 'GRANT OPTION'];

/** What the program's own account may do. */
export const accountRules: readonly DatabaseRule[] = [
  {
    id: 'BG330',
    severity: 'WARNING',
    title: { zh: '程序的账户能拆掉数据库的保护', en: "The program's account can take the protection away" },
    why: {
      zh: '能 DROP TRIGGER 或 ALTER TABLE 的账户被攻破后，只增不改的账本和 CHECK 都可以先拆掉再改。',
      en: 'Who takes over an account that may DROP a trigger or ALTER a table takes the append-only ledger and every CHECK away first.',
    },
    incidents: ['customer review list: 操作权限要严格控制，防止内部风险'],
    mend: {
      zh: '迁移用单独的账户；程序的账户只给 SELECT、INSERT、UPDATE、DELETE 和 EXECUTE。',
      en: 'Migrate by an account of its own; give that of the program SELECT, INSERT, UPDATE, DELETE and EXECUTE.',
    },
    bad: 'GRANT ALL PRIVILEGES ON `yunshang`.* TO `app`@`%`;',
    good: 'GRANT USAGE ON *.* TO `app`@`%`;\nGRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE ON `yunshang`.* TO `app`@`%`;',
    find: ({ account, schemaName }) => {
      const undoing = (account?.grants ?? []).filter(
        (grant) => isAbout(grant, schemaName) && privilegesOf(grant).length > 0,
      );
      if (account === undefined || undoing.length === 0) return [];
      const may = [...new Set(undoing.flatMap(privilegesOf))].join(', ');
      return [
        {
          where: { path: `server.accounts.${account.name}` },
          message: { zh: `该账户有权限 ${may}`, en: `the account has ${may}` },
          evidence: undoing.map((grant) => grant.replace(/ IDENTIFIED .*$/, '')),
        },
      ];
    },
  },
];

function privilegesOf(grant: string): string[] {
  const given = (/^GRANT (.*?) ON /i.exec(grant)?.[1] ?? '').toUpperCase().split(/,\s*/);
  if (/WITH GRANT OPTION/i.test(grant)) given.push('GRANT OPTION');
  return UNDOING.filter((privilege) => given.includes(privilege));
}

/** The name of a schema in a grant is a pattern: `%` is anything and `_` any character, unless a backslash takes that from it. */
function isAbout(grant: string, schemaName: string): boolean {
  const [, name = ''] = / ON (?:TABLE |PROCEDURE |FUNCTION )?(\*|`[^`]*`)\./i.exec(grant) ?? [];
  if (name === '*') return true;
  const parts = [...name.slice(1, -1).matchAll(/\\?./g)].map(([part]) => part);
  return new RegExp(`^${parts.map(patternOf).join('')}$`).test(schemaName);
}

function patternOf(part: string): string {
  if (part === '%') return '.*';
  return part === '_' ? '.' : (part.at(-1) ?? '').replace(/\W/, '\\$&');
}
