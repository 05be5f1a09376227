import { sql } from 'kysely';
import type { Db } from './database.ts';

/** Why the schema is not what this code needs, and what to do; Chinese and English. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

const NO_SUCH_TABLE = 1146;
/** The account lacks the privilege TRIGGER. */
const DENIED = 1142;
/** The server keeps a binary log and wants SUPER of whoever makes a trigger, unless it is told to trust them. */
const NOT_TRUSTED = 1419;

/**
 * Only the server knows whether this account may make triggers. Without them nothing would keep the ledgers append-only, and a migration
 * that stops at one has changed half: statements that change a schema can not be rolled back. The trigger asked for is one of a table that is
 * not there, which the server says last of all, so that nothing is made.
 */
export async function assertMayMakeTriggers(db: Db): Promise<void> {
  try {
    await sql`CREATE TRIGGER no_such_table BEFORE UPDATE ON no_such_table FOR EACH ROW SIGNAL SQLSTATE '45000'`.execute(
      db,
    );
  } catch (error) {
    if (numberOf(error) !== NO_SUCH_TABLE) throw new MigrationError(whyNoTrigger(error), { cause: error });
  }
}

export function whyNoTrigger(error: unknown): string {
  const [zh, en] = {
    [NOT_TRUSTED]: [
      '请由数据库管理员执行 SET GLOBAL log_bin_trust_function_creators = 1，或用有 SUPER 权限的账户迁移',
      'have an administrator run SET GLOBAL log_bin_trust_function_creators = 1, or migrate with an account that has SUPER',
    ],
    [DENIED]: ['请授予该账户 TRIGGER 权限', 'GRANT TRIGGER on the database to it'],
  }[numberOf(error)] ?? ['请看服务器的答复', 'see what the server says'];
  return `此账户不能创建触发器，未做任何改动：${zh}。\nThis account may not make triggers, and nothing was changed: ${en}.\n${textOf(error)}`;
}

function numberOf(error: unknown): number {
  return error instanceof Error && 'errno' in error ? Number(error.errno) : 0;
}

/** `migration` is undefined where none of them had begun. */
export function failedIn(migration: string | undefined, error: unknown): MigrationError {
  const text =
    migration === undefined
      ? `迁移未能开始。\nThe migrations could not begin.\n${textOf(error)}`
      : `迁移 ${migration} 失败；之前的已完成，这一个可能只完成了一部分，无法自动回滚：请恢复迁移前的备份，或照原文补完后再试。
Migration ${migration} failed. Those before it are done; of this one a part may be, and can not be rolled back: restore the backup
of before, or finish it by hand as its file says, and try again.\n${textOf(error)}`;
  return new MigrationError(text, { cause: error });
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
