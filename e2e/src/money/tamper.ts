import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { connect } from '@yunshang/db';
import { runDoctor } from '@yunshang/guard';
import { sql } from 'kysely';
import { must } from '../steps.ts';
import type { Scene } from './scene.ts';

const ROOT = new URL('../../../', import.meta.url).pathname;
const COMMANDS = 'apps/worker/src/commands';

type Ended = { code: number; output: string };

/** Runs one of our commands as somebody on call would, with these variables. */
function command(name: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  return new Promise((resolve) => {
    const line = ['--conditions=yunshang-src', `${COMMANDS}/${name}-main.ts`, ...args];
    execFile(process.execPath, line, { cwd: ROOT, env: { ...process.env, ...env } }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code ?? 2);
      resolve({ code, output: `${stdout}${stderr}` });
    });
  });
}

const firstLine = ({ output }: Ended): string => output.split('\n')[0]?.trim() ?? '';

/** Everything proves to be in order: the books, and the chain over the rows that must never change. */
export async function proveClean({ stack, database, steps }: Scene): Promise<void> {
  await steps.step('账本体检', 'pnpm doctor', async () => {
    const findings = await runDoctor(database.db, { now: new Date() });
    must(findings.length === 0, `no findings (${JSON.stringify(findings.slice(0, 2))})`);
    return { value: undefined, note: 'no findings' };
  });
  await steps.step('审计链验证', 'pnpm audit verify', async () => {
    const sealed = await until(() => command('audit', ['verify'], stack.environment));
    return { value: undefined, note: firstLine(sealed) };
  });
}

/** What was written a moment ago is sealed and anchored within a minute. */
async function until(run: () => Promise<Ended>): Promise<Ended> {
  let last = await run();
  for (let tries = 0; tries < 40 && last.code !== 0; tries += 1) {
    await wait(2_000);
    last = await run();
  }
  must(last.code === 0, `it is proven\n${last.output}`);
  return last;
}

/** A backup, restored into a copy that proves to be the same; then somebody with the root password edits the copy, and it is found. */
export async function tamperWithCopy({ stack, steps }: Scene, folder: string): Promise<void> {
  const { pathname } = new URL(stack.databaseUrl);
  const copyUrl = new URL(stack.databaseUrl);
  copyUrl.pathname = `${pathname}_copy`;
  const env = {
    ...stack.environment,
    BACKUP_KEYS: `1:${randomBytes(32).toString('base64')}`,
    BACKUP_DIR: folder,
    RESTORE_URL: copyUrl.href,
  };
  await steps.step('加密备份', 'pnpm backup', async () => {
    const ended = await command('backup', [], env);
    must(ended.code === 0, `it is made\n${ended.output}`);
    return { value: undefined, note: firstLine(ended) };
  });
  await steps.step('恢复到副本并逐值比对', 'pnpm restore latest', async () => {
    const ended = await command('restore', ['latest'], env);
    must(ended.code === 0, `the copy is as it was\n${ended.output}`);
    return { value: undefined, note: firstLine(ended) };
  });
  const copy = connect(copyUrl.href, { connectionLimit: 1 });
  try {
    const row = await steps.step('篡改副本', 'somebody adds 900 to a grant in the copy', async () => {
      const { id } = await copy.db
        .selectFrom('quota_logs')
        .select('id')
        .where('kind', '=', 'grant')
        .orderBy('id')
        .limit(1)
        .executeTakeFirstOrThrow();
      const { rows } = await sql<{ name: string }>`SELECT trigger_name AS name FROM information_schema.triggers
        WHERE trigger_schema = DATABASE() AND event_object_table = 'quota_logs'`.execute(copy.db);
      for (const { name } of rows) await sql`DROP TRIGGER ${sql.id(name)}`.execute(copy.db);
      await sql`UPDATE quota_logs SET amount = amount + 900, balance_after = balance_after + 900 WHERE id = ${id}`.execute(
        copy.db,
      );
      return { value: String(id), note: `quota_logs ${id}, its triggers dropped first` };
    });
    await steps.step('篡改被审计链发现', 'pnpm audit verify names the row', async () => {
      const ended = await command('audit', ['verify'], { ...env, DATABASE_URL: copyUrl.href });
      must(ended.code === 1, `it is found (${ended.code})\n${ended.output}`);
      must(ended.output.includes(`quota_logs ${row}`), `the row is named\n${ended.output}`);
      return { value: undefined, note: firstLine(ended) };
    });
    await steps.step('篡改被体检发现', 'pnpm doctor finds it in the books', async () => {
      const findings = await runDoctor(copy.db, { now: new Date() });
      must(findings.length > 0, 'there are findings');
      return { value: undefined, note: [...new Set(findings.map(({ rule }) => rule))].join(', ') };
    });
  } finally {
    await sql`DROP DATABASE ${sql.id(copyUrl.pathname.slice(1))}`.execute(copy.db);
    await copy.close();
  }
}
