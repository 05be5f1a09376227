import type { FeatureDefinition, FeatureRecord } from '@yunshang/contracts';
import type { Db, FeatureDefinitionsTable, Tx } from '@yunshang/db';
import type { Selectable } from 'kysely';
import { definitionOf, featureColumns } from '../features/feature-row.ts';

/** Every feature, deleted ones too, in display order. */
export async function listFeatureRecords(db: Db): Promise<FeatureRecord[]> {
  const rows = await db
    .selectFrom('feature_definitions')
    .selectAll()
    .orderBy('display_order')
    .orderBy('feature_id')
    .execute();
  return rows.map(toRecord);
}

export async function findFeatureRecord(db: Db, featureId: string): Promise<FeatureRecord | undefined> {
  const row = await db
    .selectFrom('feature_definitions')
    .selectAll()
    .where('feature_id', '=', featureId)
    .executeTakeFirst();
  return row === undefined ? undefined : toRecord(row);
}

/** Throws a duplicate-key error when the id was ever used. */
export async function insertFeature(
  tx: Tx,
  { definition, freeApprovalId, now }: { definition: FeatureDefinition; freeApprovalId: string | null; now: Date },
): Promise<void> {
  await tx
    .insertInto('feature_definitions')
    .values({
      feature_id: definition.featureId,
      ...featureColumns(definition),
      free_approval_id: freeApprovalId,
      created_at: now,
      updated_at: now,
    })
    .execute();
}

/** False when the feature has moved on from `revision` or is deleted. */
export async function updateFeature(
  tx: Tx,
  change: { definition: FeatureDefinition; freeApprovalId: string | null; revision: number; now: Date },
): Promise<boolean> {
  const { definition, freeApprovalId, revision, now } = change;
  const { numUpdatedRows } = await tx
    .updateTable('feature_definitions')
    .set({ ...featureColumns(definition), free_approval_id: freeApprovalId, revision: revision + 1, updated_at: now })
    .where('feature_id', '=', definition.featureId)
    .where('revision', '=', revision)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** The row stays: tasks name it. False when it is not there or deleted already. */
export async function deleteFeature(tx: Tx, featureId: string, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('feature_definitions')
    .set((eb) => ({ deleted_at: now, updated_at: now, is_enabled: 0, revision: eb('revision', '+', 1) }))
    .where('feature_id', '=', featureId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

function toRecord(row: Selectable<FeatureDefinitionsTable>): FeatureRecord {
  return {
    ...definitionOf(row),
    revision: row.revision,
    updatedAt: row.updated_at.toISOString(),
    deletedAt: row.deleted_at?.toISOString() ?? null,
  };
}

/** The definition within a record. */
export function definitionWithin(record: FeatureRecord): FeatureDefinition {
  const { revision: _revision, updatedAt: _updatedAt, deletedAt: _deletedAt, ...definition } = record;
  return definition;
}
