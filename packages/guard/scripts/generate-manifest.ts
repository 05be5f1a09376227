/**
 * Writes src/database/manifest.gen.ts: the schema that the migrations make, as the server prints it. A test compares it.
 * usage: node --conditions=yunshang-src scripts/generate-manifest.ts <database url>
 */
import { writeFile } from 'node:fs/promises';
import { connect } from '@yunshang/db';
import { printManifest } from '../src/database/print-manifest.ts';

const [databaseUrl] = process.argv.slice(2);
if (databaseUrl === undefined) {
  console.error('usage: generate-manifest <database url>');
  process.exit(2);
}
const database = connect(databaseUrl, { connectionLimit: 1 });
try {
  await writeFile(new URL('../src/database/manifest.gen.ts', import.meta.url), await printManifest(database.db));
} finally {
  await database.close();
}
