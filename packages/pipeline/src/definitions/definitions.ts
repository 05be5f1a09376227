import type { Clock, Database } from '@yunshang/db';
import { createFeatureRecords, type FeatureRecords } from './feature-records.ts';
import { createTransfer, type Transfer } from './transfer.ts';
import { createVersions, type Versions } from './versions.ts';

/** Features, forms and pipelines as operators change them. Every change is judged wholly, guarded, and audited. */
export type Definitions = FeatureRecords & Versions & Transfer;

export function createDefinitions({ database, clock }: { database: Database; clock: Clock }): Definitions {
  const deps = { db: database.db, clock };
  return { ...createFeatureRecords(deps), ...createVersions(deps), ...createTransfer(deps) };
}
