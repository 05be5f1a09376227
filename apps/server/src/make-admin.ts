import { makeAdmin } from '@yunshang/accounts';
import { connect, systemClock } from '@yunshang/db';
import { phoneSchema } from '@yunshang/contracts';
import { readAdminConfig } from './config.ts';

/** `pnpm admin:create +8613800138000`: the phone's owner becomes an admin, also before their first sign-in. */
async function main(phone: string | undefined): Promise<void> {
  if (!phoneSchema.safeParse(phone).success || phone === undefined)
    throw new Error('usage: pnpm admin:create <mobile number, such as +8613800138000>');
  const config = readAdminConfig();
  const database = connect(config.databaseUrl, { connectionLimit: 2 });
  try {
    const { accountId } = await makeAdmin({ database, clock: systemClock, config: config.accounts }, phone);
    console.log(`${accountId} is an admin`);
  } finally {
    await database.close();
  }
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : 'failed');
  process.exitCode = 1;
});
