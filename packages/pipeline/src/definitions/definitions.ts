import type { Clock, Database } from '@yunshang/db';
import { createExceptions, type Exceptions } from './exceptions.ts';
import { createFeatureRecords, type FeatureRecords } from './feature-records.ts';
import type { Review } from './guard-gate.ts';
import { createTransfer, type Transfer } from './transfer.ts';
import { createVersions, type Versions } from './versions.ts';

/** Features, forms and pipelines as operators change them. Every change is judged wholly, passes the billing guard, and is audited. */
export type Definitions = FeatureRecords & Versions & Transfer & Exceptions;

export function createDefinitions({
  database,
  ...more
}: {
  database: Database;
  clock: Clock;
  review: Review;
}): Definitions {
  const deps = { db: database.db, ...more };
  return {
    ...createFeatureRecords(deps),
    ...createVersions(deps),
    ...createTransfer(deps),
    ...createExceptions(deps),
  };
}
