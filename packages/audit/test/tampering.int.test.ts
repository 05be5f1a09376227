import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditFinding, AuditReport } from '@yunshang/contracts';
import type { Db } from '@yunshang/db';
import { fakeClock } from '@yunshang/devstack';
import { testDatabase, type TestDatabase } from '@yunshang/devstack/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { anchorFolder, createAnchorer, createSealer, verifyChain } from '../src/index.ts';
import { memoryBucket, type MemoryBucket } from './memory-bucket.ts';
import { logWorld, type LogWorld, newSigningKey, openChain, publicOf, type TestChain, writeRows } from './log-world.ts';
import { asRoot, dropKept, dropTriggers, keepTables, putBackTables, restoreTriggers, run } from './tamper.ts';

const database: TestDatabase = await testDatabase();
const { db } = database;
const clock = fakeClock(new Date());
const chain: TestChain = openChain(database, clock);
const key = newSigningKey('k1');
const MINUTE = 60_000;
let folder: string;
let bucket: MemoryBucket;
let world: LogWorld;

const places = () => [anchorFolder(folder), bucket.place];
const prove = (options = {}, keys = [key]): Promise<AuditReport> =>
  verifyChain({ db, raw: chain.raw, clock, keys: publicOf(...keys), places: places() }, options);
/** The triggers are gone in nearly every test here: whoever tampers has dropped them. */
const verify = async (options = {}, keys = [key]): Promise<AuditReport> => {
  const report = await prove(options, keys);
  const findings = report.findings.filter(({ kind }) => kind !== 'trigger_missing');
  return { ...report, findings, ok: findings.length === 0 };
};

let begun: { anchors: string; bucket: MemoryBucket; now: Date };

/** Three anchors, with rows before, between and a few behind the last. */
beforeAll(async () => {
  await database.reset();
  world = await logWorld(db);
  folder = await mkdtemp(join(tmpdir(), 'ys-anchors-'));
  bucket = memoryBucket();
  await goOn();
  await goOn();
  await goOn();
  await writeRows(db, world, { rounds: 2, now: clock.now() });
  await chain.seal();
  begun = { anchors: await readFile(await fileOf(), 'utf8'), bucket: bucket.copy(), now: clock.now() };
  await keepTables(db);
  await dropTriggers(db);
});
beforeEach(async () => {
  await putBackTables(database);
  await writeFile(await fileOf(), begun.anchors);
  bucket = begun.bucket.copy();
  clock.set(begun.now);
});
afterAll(async () => {
  await restoreTriggers(db);
  await dropKept(db);
  await rm(folder, { recursive: true, force: true });
  await chain.raw.close();
  await database.close();
});

const fileOf = async (): Promise<string> => join(folder, (await readdir(folder))[0] ?? '');

async function goOn(): Promise<void> {
  await writeRows(db, world, { rounds: 5, now: clock.now() });
  await chain.seal();
  await createAnchorer({ db, clock, key, places: places(), config: { everyMs: MINUTE, everyRows: 1e6 } }).run();
  clock.advance(2 * MINUTE);
}

const first = ({ findings }: AuditReport): Pick<AuditFinding, 'kind' | 'where' | 'id'> | undefined => {
  const [found] = findings;
  return found === undefined ? undefined : { kind: found.kind, where: found.where, id: found.id };
};
const idAt = async (
  table: 'quota_logs' | 'audit_logs' | 'money_entries' | 'cost_entries',
  place: number,
): Promise<number> => {
  const rows = await db.selectFrom(table).select('id').orderBy('id').execute();
  return rows.at(place)?.id ?? 0;
};

test('what nobody touched is proven, up to the newest anchor', async () => {
  const report = await verify();
  expect(report).toMatchObject({ ok: true, anchored: { n: 3 }, anchors: { database: 3, folder: 3, bucket: 3 } });
  expect(report.rows).toEqual({ quota_logs: 17, audit_logs: 17, money_entries: 17, cost_entries: 17 });
});

describe('a row', () => {
  test.each([
    ['quota_logs', 'SET amount = 100, balance_after = balance_before + 100'],
    ['audit_logs', "SET details = REPLACE(details, '说明', '別名')"],
    ['audit_logs', 'SET actor_id = NULL'],
    ['money_entries', 'SET amount_fen = 1'],
    ['cost_entries', 'SET posted_at = posted_at + INTERVAL 1 SECOND'],
  ] as const)('of %s that was changed is named (%s)', async (table, change) => {
    const id = await idAt(table, 6);
    await asRoot(database, run(`UPDATE ${table} ${change} WHERE id = ${id}`));
    expect(first(await verify())).toEqual({ kind: 'row_changed', where: table, id: String(id) });
  });

  test('that was deleted is named', async () => {
    const id = await idAt('money_entries', 3);
    await asRoot(database, run(`DELETE FROM money_entries WHERE id = ${id}`));
    expect(first(await verify())).toEqual({ kind: 'row_missing', where: 'money_entries', id: String(id) });
  });

  test('and another that changed places are both named', async () => {
    const [one, other] = [await idAt('cost_entries', 1), await idAt('cost_entries', 7)];
    await asRoot(database, async (session) => {
      for (const [from, to] of [
        [one, 1e9],
        [other, one],
        [1e9, other],
      ])
        await run(`UPDATE cost_entries SET id = ${to} WHERE id = ${from}`)(session);
    });
    const { findings } = await verify();
    expect(findings.map(({ kind, id }) => [kind, id])).toEqual([
      ['row_changed', String(one)],
      ['row_changed', String(other)],
    ]);
  });

  test('that was put in among sealed rows is named, though the sealer runs', async () => {
    const gone = await idAt('audit_logs', 4);
    // A gap as a transaction leaves it that was rolled back.
    await asRoot(database, run(`UPDATE audit_logs SET id = id + 1 WHERE id > ${await idAt('audit_logs', -1)}`));
    await db
      .transaction()
      .execute(async (tx) => {
        await run(
          "INSERT INTO audit_logs SELECT NULL, actor_id, actor_role, action, subject_type, subject_id, details, 'x', created_at FROM audit_logs LIMIT 1",
        )(tx);
        throw new Error('rolled back');
      })
      .catch(() => undefined);
    await goOn();
    const gap = (await idAt('audit_logs', -5)) - 1;
    clock.advance(20 * MINUTE);
    await goOn();
    await asRoot(
      database,
      run(
        `INSERT INTO audit_logs SELECT ${gap}, actor_id, actor_role, 'planted', subject_type, subject_id, details, 'y', created_at FROM audit_logs WHERE id = ${gone}`,
      ),
    );
    expect((await createSealer({ db, raw: chain.raw, clock }).run()).rows).toBe(0);
    expect(first(await verify())).toEqual({ kind: 'row_inserted', where: 'audit_logs', id: String(gap) });
  });

  test('below the first id is named', async () => {
    await asRoot(
      database,
      run(
        "INSERT INTO audit_logs SELECT -5, actor_id, actor_role, 'planted', subject_type, subject_id, details, 'z', created_at FROM audit_logs LIMIT 1",
      ),
    );
    expect(first(await verify())).toEqual({ kind: 'row_inserted', where: 'audit_logs', id: '-5' });
  });

  test('of the audit log that was written again under a new id is named', async () => {
    const id = await idAt('audit_logs', 2);
    await run(
      `INSERT INTO audit_logs SELECT NULL, actor_id, actor_role, action, subject_type, subject_id, details, request_id, created_at FROM audit_logs WHERE id = ${id}`,
    )(db);
    await chain.seal();
    const again = await idAt('audit_logs', -1);
    expect(first(await verify())).toEqual({ kind: 'row_repeated', where: 'audit_logs', id: String(again) });
  });

  test('of a ledger can be replayed only without its key, and is named then', async () => {
    const id = await idAt('money_entries', 2);
    const replay = run(
      `INSERT INTO money_entries SELECT NULL, kind, amount_fen, order_id, payment_id, refund_id, user_id, effect_key, occurred_at, posted_at FROM money_entries WHERE id = ${id}`,
    );
    await expect(replay(db)).rejects.toThrow('Duplicate');
    await run('ALTER TABLE money_entries DROP KEY uq_money_entries_effect')(db);
    try {
      await replay(db);
      await chain.seal();
      const again = await idAt('money_entries', -1);
      const { findings } = await verify();
      expect(findings.map(({ kind, id: named }) => [kind, named])).toEqual([
        ['key_missing', 'uq_money_entries_effect'],
        ['row_repeated', String(again)],
      ]);
    } finally {
      await asRoot(database, run('DELETE FROM money_entries'));
      await run('ALTER TABLE money_entries ADD UNIQUE KEY uq_money_entries_effect (effect_key)')(db);
    }
  });

  test('of a table that was emptied at once is missed', async () => {
    await run('TRUNCATE TABLE cost_entries')(db);
    const report = await verify();
    expect(first(report)).toEqual({ kind: 'row_missing', where: 'cost_entries', id: '1' });
  });
});

const cutBehind = async (session: Db, block: number): Promise<void> => {
  const { rows } = await sql<{ source: string; high: number }>`
    SELECT source, MAX(high_id) AS high FROM audit_blocks WHERE seq <= ${block} GROUP BY source`.execute(session);
  for (const { source, high } of rows) await run(`DELETE FROM ${source} WHERE id > ${high}`)(session);
  await run(`DELETE FROM audit_blocks WHERE seq > ${block}`)(session);
  await run(`DELETE FROM audit_anchors WHERE block_seq > ${block}`)(session);
};

describe('the chain', () => {
  test('that was cut with everything it holds is shorter than its anchors say', async () => {
    await asRoot(database, (session) => cutBehind(session, 8));
    const kinds = (await verify()).findings.map(({ kind, id }) => [kind, id]);
    expect(kinds).toEqual([
      ['anchor_missing', '3'],
      ['chain_cut', '9'],
    ]);
  });

  test('that was cut and has grown again is not the one that was anchored', async () => {
    await asRoot(database, (session) => cutBehind(session, 8));
    await writeRows(db, world, { rounds: 5, now: clock.now() });
    await chain.seal();
    const kinds = (await verify()).findings.map(({ kind, id }) => [kind, id]);
    expect(kinds).toEqual([
      ['anchor_missing', '3'],
      ['chain_rewritten', '12'],
    ]);
    const anchorer = createAnchorer({ db, clock, key, places: places(), config: { everyMs: 0, everyRows: 0 } });
    await expect(anchorer.run()).rejects.toThrow('every place');
    expect((await db.selectFrom('alerts').select('kind').execute()).map(({ kind }) => kind)).toContain('audit_broken');
    expect((await verify()).findings.map(({ kind }) => kind)).toContain('anchor_differs');
  });

  test('that was written anew from a changed row on, hashes and all, is not the one that was anchored', async () => {
    const id = await idAt('quota_logs', 6);
    await asRoot(database, async (session) => {
      await run(`UPDATE quota_logs SET cause = 'gift' WHERE id = ${id}`)(session);
      await run('DELETE FROM audit_blocks WHERE seq > 4')(session);
    });
    await chain.seal();
    const report = await verify();
    expect(first(report)).toMatchObject({ kind: 'chain_rewritten' });
    expect(report.findings[0]?.detail).toContain('behind block 4');
  });

  test.each([
    ['a block that is gone', 'DELETE FROM audit_blocks WHERE seq = 6', ['block_missing', '6']],
    ['a block that was moved', 'UPDATE audit_blocks SET seq = 1000 WHERE seq = 6', ['block_missing', '6']],
    [
      'a hash that was changed',
      "UPDATE audit_blocks SET chain_hash = REPEAT('x', 32) WHERE seq = 6",
      ['block_changed', '6'],
    ],
    ['a list of rows that was changed', "UPDATE audit_blocks SET ids = X'0104' WHERE seq = 5", ['block_changed', '5']],
    ['a list that can not be read', "UPDATE audit_blocks SET ids = X'80' WHERE seq = 5", ['block_changed', '5']],
    [
      'a time that was changed',
      'UPDATE audit_blocks SET sealed_at = sealed_at - INTERVAL 1 DAY WHERE seq = 7',
      ['block_changed', '7'],
    ],
    [
      'sums that were changed',
      'UPDATE audit_blocks SET total_rows = total_rows + 1 WHERE seq = 7',
      ['block_changed', '7'],
    ],
  ])('names %s', async (_what, statement, expected) => {
    await asRoot(database, async (session) => {
      await run(statement)(session);
    });
    const found = first(await verify());
    expect([found?.kind, found?.id]).toEqual(expected);
  });
});

describe('what quota was given away for', () => {
  const at = "'2026-01-02 03:04:05'";
  test.each([
    [
      'code_uses',
      `(code_id, use_no, batch_id, user_id, user_no, grant_id, created_at)`,
      `(7, 1, 'b', 'm', 1, 'g', ${at})`,
      "batch_id = 'c'",
    ],
    ['campaign_claims', `(campaign_id, user_id, grant_id, created_at)`, `('c', 'm', 'g', ${at})`, "user_id = 'n'"],
    [
      'compensations',
      `(id, user_id, amount, grant_days, reason, given_by, grant_id, created_at)`,
      `('x', 'm', 5, 30, '影楼停电', 'f', 'g', ${at})`,
      "reason = '人情'",
    ],
  ])('is sealed: a row of %s that was changed or taken out is named', async (table, columns, values, change) => {
    await asRoot(database, run(`INSERT INTO ${table} ${columns} VALUES ${values}`));
    const { rows } = await sql<{ no: number }>`SELECT row_no AS no FROM ${sql.table(table)}`.execute(db);
    const id = String(rows[0]?.no);
    expect(await chain.seal()).toEqual({ rows: 1, blocks: 1 });
    expect(await verify()).toMatchObject({ ok: true, rows: { [table]: 1 } });
    await asRoot(database, run(`UPDATE ${table} SET ${change}`));
    expect(first(await verify())).toEqual({ kind: 'row_changed', where: table, id });
    await asRoot(database, run(`DELETE FROM ${table}`));
    expect(first(await verify())).toEqual({ kind: 'row_missing', where: table, id });
  });
});

describe('an anchor', () => {
  test('that was edited in the file is not as we signed it', async () => {
    const file = await fileOf();
    const text = await readFile(file, 'utf8');
    const block = /"n":2,.*?"block":(\d+)/.exec(text)?.[1];
    await writeFile(file, text.replace(`"block":${block}`, '"block":7'));
    expect(first(await verify())).toEqual({ kind: 'anchor_forged', where: 'anchors in folder', id: '2' });
  });

  test('of a key that is not ours is not believed', async () => {
    const stranger = newSigningKey('k1');
    const config = { everyMs: 0, everyRows: 0 };
    await createAnchorer({ db, clock, key: stranger, places: places(), config }).run();
    const forged = (await verify()).findings.map(({ kind, where, id }) => [kind, where, id]);
    expect(forged[0]).toEqual(['anchor_forged', 'anchors in database', '4']);
  });

  test('that was deleted from the file, the bucket or the table is missed in that place', async () => {
    const file = await fileOf();
    const lines = (await readFile(file, 'utf8')).split('\n');
    await writeFile(file, [lines[0], lines[2], ''].join('\n'));
    bucket.steal(3);
    await asRoot(database, run('DELETE FROM audit_anchors WHERE n = 1'));
    clock.advance(20 * MINUTE);
    const { findings } = await verify();
    expect(findings.filter(({ kind }) => kind === 'anchor_missing').map(({ where, id }) => [where, id])).toEqual([
      ['anchors in database', '1'],
      ['anchors in folder', '2'],
      ['anchors in bucket', '3'],
    ]);
  });

  test('that a crash tore off is written again behind it', async () => {
    await appendFile(await fileOf(), '{"v":1,"n":4,"at"');
    await goOn();
    expect(await verify()).toMatchObject({ ok: true, anchors: { folder: 4 } });
  });

  test('reaches a place that was away, as soon as it is back', async () => {
    bucket.isAway = true;
    await expect(goOn()).rejects.toThrow('every place');
    clock.advance(2 * MINUTE);
    await expect(goOn()).rejects.toThrow('every place');
    bucket.isAway = false;
    clock.advance(2 * MINUTE);
    await goOn();
    expect(await verify()).toMatchObject({ ok: true, anchors: { database: 6, folder: 6, bucket: 6 } });
  });

  test('is made once, by two at once', async () => {
    await writeRows(db, world, { rounds: 1, now: clock.now() });
    await chain.seal();
    const config = { everyMs: 0, everyRows: 0 };
    const made = [1, 2, 3].map(() => createAnchorer({ db, clock, key, places: places(), config }).run());
    expect((await Promise.all(made)).filter((each) => each.made)).toHaveLength(1);
    expect(await verify()).toMatchObject({ ok: true, anchored: { n: 4 } });
  });

  test('signed with the key before the last is believed while that key is known', async () => {
    const next = newSigningKey('k2');
    await writeRows(db, world, { rounds: 1, now: clock.now() });
    await chain.seal();
    await createAnchorer({ db, clock, key: next, places: places(), config: { everyMs: 0, everyRows: 0 } }).run();
    expect(await verify({}, [next, key])).toMatchObject({ ok: true, anchored: { n: 4 } });
    expect((await verify()).findings.map(({ kind }) => kind)).toContain('anchor_forged');
  });
});

test('a trigger that is gone or does nothing is named', async () => {
  await restoreTriggers(db);
  expect(await prove()).toMatchObject({ ok: true });
  await run(
    'DROP TRIGGER cost_entries_no_delete',
    'DROP TRIGGER quota_logs_no_update',
    'CREATE TRIGGER quota_logs_no_update BEFORE UPDATE ON quota_logs FOR EACH ROW SET @nothing = 1',
  )(db);
  try {
    const { findings } = await prove();
    expect(findings.map(({ kind, id, detail }) => [kind, id, detail])).toEqual([
      ['trigger_missing', 'quota_logs_no_update', 'replaced'],
      ['trigger_missing', 'cost_entries_no_delete', 'not there'],
    ]);
  } finally {
    await dropTriggers(db);
  }
});

test('a proof can begin behind a block, and sees what came after it', async () => {
  const early = await idAt('quota_logs', 1);
  const late = await idAt('quota_logs', 12);
  await asRoot(database, run(`UPDATE quota_logs SET cause = 'gift' WHERE id IN (${early}, ${late})`));
  expect((await verify({ behind: 8 })).findings.map(({ kind, id }) => [kind, id])).toEqual([
    ['row_changed', String(late)],
  ]);
  await expect(verify({ behind: 999 })).rejects.toThrow('no block 999');
});
