import { z } from 'zod';

const environment = z.object({ DATABASE_URL: z.string().min(1, 'set DATABASE_URL to the database to examine') });

/** What `pnpm doctor` needs from its environment. */
export function readDoctorConfig(): { databaseUrl: string } {
  const parsed = environment.safeParse(process.env);
  if (!parsed.success) throw new Error('set DATABASE_URL to the database to examine, such as mysql://user@host/name');
  return { databaseUrl: parsed.data.DATABASE_URL };
}
