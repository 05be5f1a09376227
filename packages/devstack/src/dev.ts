// The `dev` task of this room: services with data that stays, and a plan that tells the apps' tasks where they are.
import { migrate, seed } from '@yunshang/db';
import { watchAncestors } from './ancestors.ts';
import { devFolder, readDevPlan, removeDevPlan, writeDevPlan } from './dev-plan.ts';
import { preferredPort } from './ports.ts';
import { startServices } from './services.ts';

const running = readDevPlan();
if (running && running.pid !== process.pid) {
  console.error(`This checkout already runs its dev services (process ${running.pid}). Stop them first.`);
  process.exit(1);
}
const services = await startServices({ dataDir: devFolder });
await migrate(services.databaseUrl);
await seed(services.databaseUrl);
const ports = {
  server: await preferredPort(4500),
  worker: await preferredPort(4501),
  sandbox: await preferredPort(4600),
};
writeDevPlan({ pid: process.pid, databaseUrl: services.databaseUrl, redisUrl: services.redisUrl, ports });
console.log(`database ${services.databaseUrl}`);
console.log(`redis    ${services.redisUrl}`);
console.log(`server   http://127.0.0.1:${ports.server}`);
console.log(`sandbox  http://127.0.0.1:${ports.sandbox}`);

const keepAlive = setInterval(() => {}, 60_000);
let stopping = false;
const stop = (): void => {
  if (stopping) return;
  stopping = true;
  clearInterval(keepAlive);
  removeDevPlan();
  void services.stop().then(() => process.exit(0));
};
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
process.on('SIGHUP', stop);
watchAncestors(/turbo|pnpm|bin\/dev/, stop);
