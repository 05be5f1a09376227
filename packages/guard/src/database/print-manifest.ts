import type { Db } from '@yunshang/db';
import { printSchema } from './load-database.ts';

const HEAD = `// Generated from the migrations by packages/guard/scripts/generate-manifest.ts; a test compares it with a migrated database.
import type { Printed } from './manifest.ts';

export const MANIFEST: Printed = `;

/** manifest.gen.ts of a migrated database, seen by an account that may do everything. */
export async function printManifest(db: Db): Promise<string> {
  const printed = await printSchema(db, { name: 'owner', grants: ['GRANT ALL PRIVILEGES'] });
  return `${HEAD}${JSON.stringify(printed, undefined, 2)};\n`;
}
