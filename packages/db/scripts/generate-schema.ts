/**
 * Writes src/schema.gen.ts from the database that the migrations make. `--check` compares instead and exits 1 on drift.
 * usage: node --conditions=yunshang-src scripts/generate-schema.ts <database url> [--check]
 */
import { readFile, writeFile } from 'node:fs/promises';
import { generateSchema } from '../src/schema-types.ts';

const [databaseUrl, flag] = process.argv.slice(2);
if (databaseUrl === undefined) {
  console.error('usage: generate-schema <database url> [--check]');
  process.exit(2);
}
const target = new URL('../src/schema.gen.ts', import.meta.url);
const text = await generateSchema(databaseUrl);
if (flag === '--check') {
  if ((await readFile(target, 'utf8')) !== text) {
    console.error('src/schema.gen.ts differs from the migrations; run the script without --check');
    process.exit(1);
  }
} else await writeFile(target, text);
