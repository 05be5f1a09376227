import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { dataRoot } from './config.ts';

/** Where `turbo dev` keeps its database, credentials and logs between runs. */
export const devFolder = join(dataRoot, 'dev');

const planFile = join(devFolder, 'plan.json');

const plan = z.object({
  /** The process that holds the services; the plan is void when it is gone. */
  pid: z.number(),
  databaseUrl: z.string(),
  redisUrl: z.string(),
  ports: z.object({ server: z.number(), worker: z.number(), sandbox: z.number() }),
});

/** What the services task tells the apps' tasks. */
export type DevPlan = z.infer<typeof plan>;
export type DevApp = keyof DevPlan['ports'];

export function writeDevPlan(value: DevPlan): void {
  const draft = `${planFile}.draft`;
  writeFileSync(draft, `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(draft, planFile);
}

export function removeDevPlan(): void {
  rmSync(planFile, { force: true });
}

/** The plan of services that run now, or undefined. */
export function readDevPlan(): DevPlan | undefined {
  try {
    const value = plan.parse(JSON.parse(readFileSync(planFile, 'utf8')));
    return readFileSync(`/proc/${value.pid}/cmdline`, 'utf8').includes('dev.ts') ? value : undefined;
  } catch {
    return undefined;
  }
}

export const credentialsFile = join(devFolder, 'sandbox-credentials.json');
