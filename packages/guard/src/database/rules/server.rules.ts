import type { DatabaseFacts } from '../facts.ts';
import type { DatabaseRule, Hit } from '../rule.ts';

/** Settings of the server that decide whether what was committed is kept, and what connections do that say nothing. */
export const serverRules: readonly DatabaseRule[] = [
  {
    id: 'BG310',
    severity: 'FAIL',
    title: { zh: '隔离级别允许脏读', en: 'The isolation level reads what was not committed' },
    why: {
      zh: '读到未提交的余额，就会按一笔随后被撤销的充值放行任务。',
      en: 'Who reads a balance before it is committed lets a task pass on a payment that is rolled back.',
    },
    incidents: ['laravel-credits PR#20'],
    mend: { zh: 'SET GLOBAL transaction_isolation = READ-COMMITTED。', en: 'Set the default to READ-COMMITTED.' },
    bad: "SET GLOBAL transaction_isolation = 'READ-UNCOMMITTED';",
    good: "SET GLOBAL transaction_isolation = 'READ-COMMITTED';",
    find: (facts) =>
      ['tx_isolation', 'transaction_isolation'].flatMap((name) =>
        wrong(facts, name, (value) => value.toUpperCase() === 'READ-UNCOMMITTED'),
      ),
  },
  {
    id: 'BG311',
    severity: 'FAIL',
    title: { zh: '已提交的数据可能丢失', en: 'What was committed can be lost' },
    why: {
      zh: '断电后会丢失已回复用户的扣减和已确认给支付平台的入账，对方不会再发一次。',
      en: 'A power cut takes back deductions that members were told of, and credits that were confirmed to the payment platform, which tells of them once.',
    },
    incidents: ['lessons: a row committed and gone', 'opencode#28402'],
    mend: {
      zh: 'innodb_flush_log_at_trx_commit=1，innodb_doublewrite=ON，开启 binlog 时 sync_binlog=1。',
      en: 'innodb_flush_log_at_trx_commit=1, innodb_doublewrite=ON, and sync_binlog=1 where there is a binary log.',
    },
    bad: "SET GLOBAL innodb_flush_log_at_trx_commit = '2';",
    good: "SET GLOBAL innodb_flush_log_at_trx_commit = '1';\nSET GLOBAL log_bin = 'OFF';\nSET GLOBAL sync_binlog = '0';\nSET GLOBAL innodb_doublewrite = 'ON';",
    find: (facts) => [
      ...wrong(facts, 'innodb_flush_log_at_trx_commit', (value) => value !== '1'),
      ...wrong(facts, 'innodb_doublewrite', (value) => isOff(value)),
      ...wrong(facts, 'sync_binlog', (value) => value !== '1' && !isOff(facts.settings.get('log_bin') ?? 'OFF')),
    ],
  },
  {
    id: 'BG312',
    severity: 'WARNING',
    title: { zh: 'sql_mode 不严格', en: 'The sql_mode is not strict' },
    why: {
      zh: '不严格的连接会把过大的金额改成列的最大值、把非法日期改成零，并且只给警告。',
      en: 'A connection that is not strict turns an amount that is too large into the largest that fits, and a wrong date into zeros, with no more than a warning.',
    },
    incidents: ['a predecessor: `Incorrect datetime value` in one place, zeros in the other'],
    mend: {
      zh: '在服务器上设置 STRICT_ALL_TABLES 或 STRICT_TRANS_TABLES。本程序的连接自己会设置，其他客户端不会。',
      en: 'Set STRICT_ALL_TABLES or STRICT_TRANS_TABLES on the server. Connections of this program set it themselves, those of other clients do not.',
    },
    bad: "SET GLOBAL sql_mode = 'NO_ENGINE_SUBSTITUTION';",
    good: "SET GLOBAL sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION';",
    find: (facts) =>
      wrong(facts, 'sql_mode', (value) => !/STRICT_(?:ALL|TRANS)_TABLES|TRADITIONAL/.test(value.toUpperCase())),
  },
  {
    id: 'BG313',
    severity: 'WARNING',
    title: { zh: '服务器时区不是 UTC', en: "The server's time zone is not UTC" },
    why: {
      zh: '用客户端手工写入的时间会相差几个小时：会员提前到期，账目落到另一天。',
      en: 'Times written by hand are hours off: a membership ends early, an entry lands on another day.',
    },
    incidents: ['design page: UTC in the database, Asia/Shanghai for billing days'],
    mend: { zh: "SET GLOBAL time_zone = '+00:00'。", en: "SET GLOBAL time_zone = '+00:00'." },
    bad: "SET GLOBAL time_zone = '+08:00';",
    good: "SET GLOBAL time_zone = 'SYSTEM';\nSET GLOBAL system_time_zone = 'UTC';",
    find: (facts) => {
      const system = facts.settings.get('system_time_zone') ?? 'SYSTEM';
      return wrong(facts, 'time_zone', (value) => !isUtc(value.toUpperCase() === 'SYSTEM' ? system : value), [
        `system_time_zone = ${system}`,
      ]);
    },
  },
];

function wrong(
  { settings }: DatabaseFacts,
  name: string,
  isWrong: (value: string) => boolean,
  evidence: readonly string[] = [],
): Hit[] {
  const value = settings.get(name);
  if (value === undefined || !isWrong(value)) return [];
  const message = { zh: `当前为 ${value}`, en: `it is ${value}` };
  return [{ where: { path: `server.${name}` }, message, evidence: [`${name} = ${value}`, ...evidence] }];
}

function isOff(value: string): boolean {
  return ['OFF', '0', 'FALSE'].includes(value.toUpperCase());
}

function isUtc(zone: string): boolean {
  return ['+00:00', 'UTC', 'ETC/UTC', 'GMT'].includes(zone.toUpperCase());
}
