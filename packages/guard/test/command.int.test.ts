import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { toJson } from '@yunshang/db';
import { testDatabase } from '@yunshang/devstack/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';

let database: Awaited<ReturnType<typeof testDatabase>>;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const failure = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() });

/** Runs the command as an operator would; gives its exit code and what it printed. */
async function doctor(
  env: Record<string, string>,
  args: string[] = [],
): Promise<{ code: number; stdout: string; stderr: string }> {
  const main = fileURLToPath(new URL('../src/doctor/main.ts', import.meta.url));
  try {
    const printed = await promisify(execFile)(process.execPath, ['--conditions=yunshang-src', main, ...args], { env });
    return { code: 0, ...printed };
  } catch (error) {
    return failure.parse(error);
  }
}

it('exits 0 on a healthy database and says how many rules hold', async () => {
  const { code, stdout } = await doctor({ DATABASE_URL: database.databaseUrl });
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/all \d+ rules hold/) });
});

it('exits 1 and names the row, what it means and how to mend it', async () => {
  const planted = {
    job: 'task.run',
    payload: toJson({ taskId: '01GH0ST0000000000000000000' }),
    dedup_key: 'task:ghost',
  };
  await database.db
    .insertInto('outbox')
    .values({ ...planted, due_at: new Date(), created_at: new Date() })
    .execute();
  const { code, stdout } = await doctor({ DATABASE_URL: database.databaseUrl });
  expect(await doctor({ DATABASE_URL: database.databaseUrl }, ['--one-by-one'])).toMatchObject({ code, stdout });
  expect(code).toBe(1);
  expect(stdout).toMatch(/job_has_subject[^]*A job points to a task[^]*task:ghost[^]*mend Delete the outbox row/);
});

it('examines what it is asked for, for programs too, and nothing that is not there', async () => {
  const env = { DATABASE_URL: database.databaseUrl };
  const [chosen, unknown] = [await doctor(env, ['--only', 'I2,I12', '--json']), await doctor(env, ['--only', 'I99'])];
  expect({ code: chosen.code, report: JSON.parse(chosen.stdout) }).toEqual({
    code: 0,
    report: { rules: expect.any(Number), findings: [] },
  });
  expect({ code: unknown.code, stderr: unknown.stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining('I12, I13, I14'),
  });
});

it('does not believe a chain whose ledger takes an UPDATE', async () => {
  await sql`DROP TRIGGER quota_logs_no_update`.execute(database.db);
  const { code, stdout } = await doctor({ DATABASE_URL: database.databaseUrl }, ['--only', 'I12', '--json']);
  await sql`CREATE TRIGGER quota_logs_no_update BEFORE UPDATE ON quota_logs FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'quota_logs is append-only'`.execute(database.db);
  const finding = { invariant: 'I12', rule: 'trigger_missing', id: 'quota_logs_no_update' };
  expect({ code, report: JSON.parse(stdout) }).toMatchObject({ code: 1, report: { findings: [finding] } });
});

it('says what it needs when it is not told which database', async () => {
  const { code, stderr } = await doctor({});
  expect(code).toBe(2);
  expect(stderr).toContain('DATABASE_URL');
});
