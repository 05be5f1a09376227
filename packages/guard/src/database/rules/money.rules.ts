import type { DatabaseRule, Hit } from '../rule.ts';
import { plainText } from '../schema/plain-text.ts';
import type { Schema, Table } from '../schema/schema.ts';

const MONEY =
  /(?:^|_)(?:price|amount|balance|fen|yuan|cents|fee|cost|credits?|quota|refund(?:ed)?|revenue|paid)(?:_|$)/;
const BALANCE = /^(?:(?:\w+_)?balance|credits?|credits?_(?:left|remaining)|quota(?:_(?:left|remaining))?|points)$/;
const LEDGER =
  /(?:^|_)(?:ledger|journal|quota_logs?|credit_logs?|balance_logs?|(?:money|ledger|journal|cost)_entries|audit_logs?)$/;
const PAYMENT = /^(?:wechat_|stripe_|provider_)?(?:transaction_id|payment_intent(?:_id)?|trade_no|out_trade_no)$/;
const ID = /(?:^|_)(?:id|key|token|hash|code|no|nonce)$/;

/** What any database with money in it must have, whoever made it. */
export const moneyRules: readonly DatabaseRule[] = [
  {
    id: 'BG320',
    severity: 'FAIL',
    title: { zh: '金额或配额用浮点数保存', en: 'Money or quota is kept as a float' },
    why: {
      zh: '0.1 + 0.2 不等于 0.3：浮点数的合计对不上账单。',
      en: '0.1 + 0.2 is not 0.3: sums of floats do not agree with any bill.',
    },
    incidents: ['a predecessor: revenue in floats', 'design page: whole fen, whole micro-yuan'],
    mend: {
      zh: '改为整数的分（或微元），或 DECIMAL。',
      en: 'Keep whole fen (or micro-yuan) in an integer, or a DECIMAL.',
    },
    bad: 'CREATE TABLE `orders` (\n  `id` bigint NOT NULL,\n  `amount` double NOT NULL\n) ENGINE=InnoDB;',
    good: 'CREATE TABLE `orders` (\n  `id` bigint NOT NULL,\n  `amount_fen` int NOT NULL\n) ENGINE=InnoDB;',
    find: eachColumn((table, name) => {
      const { type = '' } = table.columns.get(name) ?? {};
      if (!MONEY.test(name) || !/^(?:float|double|real)/.test(type)) return [];
      return [{ where: { table: table.name, object: name }, message: { zh: `类型是 ${type}`, en: `it is a ${type}` } }];
    }),
  },
  {
    id: 'BG321',
    severity: 'FAIL',
    title: { zh: '数据库允许余额为负', en: 'The database lets a balance go below zero' },
    why: {
      zh: '并发扣减一旦漏锁，余额就会为负；CHECK 让那一次失败，而不是让用户白用。',
      en: 'A lock that is forgotten once takes the balance below zero. A CHECK makes that one call fail instead of giving it away.',
    },
    incidents: ['customer review list: 不能允许配额出现负数', 'octopusreview#506', 'one-api#2440'],
    mend: { zh: '加 CHECK (余额 >= 0)，或用 UNSIGNED。', en: 'Add CHECK (balance >= 0), or make it UNSIGNED.' },
    bad: 'CREATE TABLE `users` (\n  `id` bigint NOT NULL,\n  `quota_remaining` int NOT NULL DEFAULT 0\n) ENGINE=InnoDB;',
    good: 'CREATE TABLE `users` (\n  `id` bigint NOT NULL,\n  `quota_remaining` int NOT NULL DEFAULT 0,\n  CONSTRAINT `ck_users_quota` CHECK (`quota_remaining` >= 0)\n) ENGINE=InnoDB;',
    find: eachColumn((table, name) => {
      const { type = '' } = table.columns.get(name) ?? {};
      if (!isAccount(table) || !BALANCE.test(name) || !isSigned(type) || hasFloor(table, name)) return [];
      const message = { zh: '没有约束它不小于 0', en: 'nothing keeps it from going below zero' };
      return [{ where: { table: table.name, object: name }, message, evidence: [`${name} ${type}`] }];
    }),
  },
  {
    id: 'BG322',
    severity: 'WARNING',
    title: { zh: '账本可以被改写', en: 'A ledger can be rewritten' },
    why: {
      zh: '账本或审计记录能被 UPDATE 或 DELETE，就不能证明任何事。',
      en: 'A ledger or audit log that takes UPDATE or DELETE proves nothing.',
    },
    incidents: ['customer review list: 不能修改历史财务数据'],
    mend: {
      zh: '加 BEFORE UPDATE 和 BEFORE DELETE 触发器并 SIGNAL，或收回账户的这两项权限。',
      en: 'Add BEFORE UPDATE and BEFORE DELETE triggers that SIGNAL, or take both privileges from the account.',
    },
    bad: 'CREATE TABLE `credit_logs` (\n  `id` bigint NOT NULL\n) ENGINE=InnoDB;',
    good: `CREATE TABLE \`credit_logs\` (\n  \`id\` bigint NOT NULL\n) ENGINE=InnoDB;
CREATE TRIGGER credit_logs_no_update BEFORE UPDATE ON credit_logs FOR EACH ROW SIGNAL SQLSTATE '45000';
CREATE TRIGGER credit_logs_no_delete BEFORE DELETE ON credit_logs FOR EACH ROW SIGNAL SQLSTATE '45000';`,
    find: ({ actual }) =>
      actual.triggers === undefined
        ? []
        : [...actual.tables.values()]
            .filter(({ name }) => LEDGER.test(name))
            .flatMap(({ name }) =>
              ['UPDATE', 'DELETE']
                .filter((event) => !refuses(actual, name, event))
                .map((event) => ({
                  where: { table: name },
                  message: { zh: `没有触发器拒绝 ${event}`, en: `no trigger refuses ${event}` },
                })),
            ),
  },
  {
    id: 'BG323',
    severity: 'FAIL',
    title: { zh: '同一笔支付可以入账两次', en: 'One payment can be credited twice' },
    why: {
      zh: '支付通知会重复到达，也会并发到达；只有交易号的唯一键能保证只入账一次。',
      en: 'Notifications of a payment come again, and at once. Only a unique key over the transaction makes them count once.',
    },
    incidents: ['open-saas#688', 'opencode#28402', 'a predecessor: five duplicates all processed'],
    mend: {
      zh: '为交易号加唯一键（可与商户号一起）。',
      en: 'Put a unique key over the transaction, with the merchant where there are several.',
    },
    bad: 'CREATE TABLE `orders` (\n  `id` bigint NOT NULL,\n  `transaction_id` varchar(32) DEFAULT NULL,\n  KEY `ix_tx` (`transaction_id`)\n) ENGINE=InnoDB;',
    good: 'CREATE TABLE `orders` (\n  `id` bigint NOT NULL,\n  `transaction_id` varchar(32) DEFAULT NULL,\n  UNIQUE KEY `uq_tx` (`transaction_id`)\n) ENGINE=InnoDB;',
    find: ({ actual }) =>
      [...actual.tables.values()]
        .filter(({ name }) => /^(?:orders|payments|(?:payment_)?transactions|recharges?|top_?ups?)$/.test(name))
        .flatMap((table) => {
          const columns = [...table.columns.keys()].filter((name) => PAYMENT.test(name));
          const isUnique = columns.some((name) => uniqueKeys(table).some((key) => key.includes(name)));
          if (columns.length === 0 || isUnique) return [];
          const message = { zh: '没有包含它的唯一键', en: 'no unique key has it' };
          return [{ where: { table: table.name, object: String(columns[0]) }, message, evidence: columns }];
        }),
  },
  {
    id: 'BG324',
    severity: 'WARNING',
    title: { zh: '标识不区分大小写', en: 'An id is compared without case' },
    why: {
      zh: '不区分大小写的唯一键把两个不同的令牌、幂等键或交易号当作同一个，把一个人的回答给另一个人。',
      en: 'A unique key without case takes two tokens, idempotency keys or transactions for one, and gives the answer of one to the other.',
    },
    incidents: ['design page: ids are ascii_bin'],
    mend: { zh: '用 ascii_bin 或 utf8mb4_bin。', en: 'Use ascii_bin or utf8mb4_bin.' },
    bad: 'CREATE TABLE `refunds` (\n  `effect_key` varchar(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL,\n  UNIQUE KEY `uq_effect` (`effect_key`)\n) ENGINE=InnoDB;',
    good: 'CREATE TABLE `refunds` (\n  `effect_key` varchar(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,\n  UNIQUE KEY `uq_effect` (`effect_key`)\n) ENGINE=InnoDB;',
    find: eachColumn((table, name) => {
      const { collation } = table.columns.get(name) ?? {};
      const isKey = uniqueKeys(table).some((key) => key.includes(name));
      if (!ID.test(name) || !isKey || collation?.endsWith('_ci') !== true) return [];
      return [
        {
          where: { table: table.name, object: name },
          message: { zh: `排序规则是 ${collation}`, en: `its collation is ${collation}` },
        },
      ];
    }),
  },
];

function eachColumn(find: (table: Table, column: string) => Hit[]): DatabaseRule['find'] {
  return ({ actual }) =>
    [...actual.tables.values()].flatMap((table) => [...table.columns.keys()].flatMap((name) => find(table, name)));
}

/** Balances are what a person, a shop or a grant has; a row of a ledger may say what it was before. */
function isAccount({ name }: Table): boolean {
  return /(?:^|_)(?:users?|accounts?|wallets?|members?|profiles?|tenants?|organi[sz]ations?|teams?|customers?|grants?|balances?)$/.test(
    name,
  );
}

function isSigned(type: string): boolean {
  return /^(?:(?:tiny|small|medium|big)?int|decimal|float|double)/.test(type) && !type.includes('unsigned');
}

/** A check that speaks of the column and of zero. */
function hasFloor({ checks }: Table, column: string): boolean {
  return [...checks.values()].some(
    ({ clause, isEnforced }) =>
      isEnforced && new RegExp(`(?<![a-z_])${column}(?:>=?-?\\d|between)`).test(plainText(clause)),
  );
}

function uniqueKeys({ keys }: Table): (readonly string[])[] {
  return [...keys.values()].filter(({ isUnique }) => isUnique).map(({ columns }) => columns);
}

function refuses({ triggers }: Schema, table: string, event: string): boolean {
  return [...(triggers?.values() ?? [])].some(
    (trigger) =>
      trigger.table === table &&
      trigger.timing === 'BEFORE' &&
      trigger.event === event &&
      /\bSIGNAL\b/i.test(trigger.body),
  );
}
