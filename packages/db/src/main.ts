import { migrate } from './migrate.ts';
import { MigrationError } from './migration-error.ts';
import { seed } from './seed/seed.ts';

const databaseUrl = process.argv[2];
if (databaseUrl === undefined) {
  console.error('usage: migrate <database url>');
  process.exit(2);
}
try {
  const applied = await migrate(databaseUrl);
  await seed(databaseUrl);
  console.log(applied.length === 0 ? 'the schema is up to date' : `applied ${applied.join(', ')}`);
} catch (error) {
  if (!(error instanceof MigrationError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
