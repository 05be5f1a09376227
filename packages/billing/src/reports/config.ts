import { z } from 'zod';

const environment = z.object({ DATABASE_URL: z.string().min(1) });

/** What `pnpm report` needs from its environment. */
export function readReportConfig(): { databaseUrl: string } {
  const parsed = environment.safeParse(process.env);
  if (!parsed.success) throw new Error('set DATABASE_URL to the database, such as mysql://user@host/name');
  return { databaseUrl: parsed.data.DATABASE_URL };
}
