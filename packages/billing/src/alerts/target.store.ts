import type { AlertFormat, AlertTarget } from '@yunshang/contracts';
import { fromJson, toJson, type AlertTargetsTable, type Db, type Tx } from '@yunshang/db';
import type { Selectable } from 'kysely';
import { z } from 'zod';

/** Address and secret as the row keeps them. */
export type Sealed = { bytes: Buffer; keyVersion: number };
export type TargetRow = { target: AlertTarget; sealed: Sealed };

const kindsSchema = z.array(z.string()).nullable();

function kindsOf(value: unknown): string[] | null {
  return kindsSchema.parse(fromJson(value));
}

function toTarget(row: Selectable<AlertTargetsTable>): TargetRow {
  return {
    target: {
      id: row.id,
      name: row.name,
      format: row.format,
      host: row.host,
      kinds: kindsOf(row.kinds),
      isEnabled: row.is_enabled === 1,
      revision: row.revision,
      createdAt: row.created_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
    },
    sealed: { bytes: row.sealed, keyVersion: row.key_version },
  };
}

/** The oldest first. */
export async function listTargets(db: Db): Promise<TargetRow[]> {
  const rows = await db.selectFrom('alert_targets').selectAll().where('deleted_at', 'is', null).orderBy('id').execute();
  return rows.map(toTarget);
}

export async function findTarget(db: Db, id: string): Promise<TargetRow | undefined> {
  const row = await db
    .selectFrom('alert_targets')
    .selectAll()
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row === undefined ? undefined : toTarget(row);
}

export type TargetBody = {
  name: string;
  format: AlertFormat;
  host: string;
  kinds: readonly string[] | null;
  isEnabled: boolean;
  sealed: Sealed;
};

function columnsOf(body: TargetBody) {
  return {
    name: body.name,
    format: body.format,
    host: body.host,
    sealed: body.sealed.bytes,
    key_version: body.sealed.keyVersion,
    kinds: body.kinds === null ? null : toJson(body.kinds),
    is_enabled: body.isEnabled ? (1 as const) : (0 as const),
  };
}

export async function insertTarget(tx: Tx, target: TargetBody & { id: string; now: Date }): Promise<void> {
  await tx
    .insertInto('alert_targets')
    .values({ id: target.id, ...columnsOf(target), created_at: target.now, updated_at: target.now })
    .execute();
}

/** False when it has moved on from `revision`, or is removed. */
export async function saveTarget(
  tx: Tx,
  { id, revision, body, now }: { id: string; revision: number; body: TargetBody; now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('alert_targets')
    .set({ ...columnsOf(body), revision: revision + 1, updated_at: now })
    .where('id', '=', id)
    .where('revision', '=', revision)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** The row stays for its deliveries, address and secret do not, and what waits is given up. False when it is removed already. */
export async function removeTarget(tx: Tx, id: string, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('alert_targets')
    .set({ deleted_at: now, is_enabled: 0, sealed: Buffer.alloc(0) })
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  await tx
    .updateTable('alert_deliveries')
    .set({ status: 'given_up', last_error: 'removed' })
    .where('target_id', '=', id)
    .where('status', '=', 'waiting')
    .execute();
  return true;
}
