import { migrate } from './migrate.ts';
import { seed } from './seed/seed.ts';

const databaseUrl = process.argv[2];
if (databaseUrl === undefined) {
  console.error('usage: migrate <database url>');
  process.exit(2);
}
const applied = await migrate(databaseUrl);
await seed(databaseUrl);
console.log(applied.length === 0 ? 'the schema is up to date' : `applied ${applied.join(', ')}`);
