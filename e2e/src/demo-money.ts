import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { connect, SHANGHAI_OFFSET_MS, shanghaiDay, systemClock } from '@yunshang/db';
import { startStack } from '@yunshang/devstack';
import { paidOrders, plantDifferences, reconcileTomorrow } from './money/bills.ts';
import { refundAllDay } from './money/refunds.ts';
import { reportOfTheDay } from './money/report.ts';
import { nothingYet, type Scene } from './money/scene.ts';
import { paidUnheard, sellAllDay } from './money/sales.ts';
import { proveClean, tamperWithCopy } from './money/tamper.ts';
import { admin } from './operate.ts';
import { must, printSteps, tellWhy } from './steps.ts';

const OUTPUT = new URL('../../demo-output/money/', import.meta.url).pathname;
/** The story takes some minutes and is about one day. */
const STORY_MS = 300_000;
const DAY_MS = 86_400_000;

async function awayFromMidnight(): Promise<void> {
  const leftMs = DAY_MS - ((Date.now() + SHANGHAI_OFFSET_MS) % DAY_MS);
  if (leftMs > STORY_MS) return;
  console.log(`北京时间即将零点，等待 ${Math.ceil(leftMs / 1000)} 秒 · waiting for midnight in Shanghai to pass`);
  await wait(leftMs + 1_000);
}

async function run(scene: Scene, backups: string): Promise<void> {
  const day = shanghaiDay(systemClock.now());
  await sellAllDay(scene);
  await refundAllDay(scene);
  const heard = { ...scene.expected };
  const unheard = await paidUnheard(scene);
  await reportOfTheDay({ ...scene, expected: heard }, { day, folder: OUTPUT });
  const paid = await paidOrders(scene);
  const planted = await plantDifferences(scene, day, paid);
  await reconcileTomorrow(scene, { day, planted, unheard: unheard.transactionId, folder: OUTPUT });
  await scene.steps.step('自愈后的余额', 'the member whom nobody heard has the quota', async () => {
    const quota = await unheard.balance();
    must(quota === 100, `100 (${quota})`);
    return { value: undefined, note: `quota ${quota}` };
  });
  await scene.stack.worker.restart();
  await proveClean(scene);
  await tamperWithCopy(scene, backups);
}

const from = performance.now();
console.log('云裳 Yunshang money demo');
await mkdir(OUTPUT, { recursive: true });
await awayFromMidnight();
const backups = await mkdtemp(join(tmpdir(), 'ys-backups-'));
const stack = await startStack({ timeScale: 0.01, env: { OUTBOX_POLL_MS: '200' } });
const database = connect(stack.databaseUrl);
try {
  const steps = printSteps((line) => console.log(line));
  const [finance, second] = [await admin(stack), await admin(stack, '+8613811113333')];
  await run({ stack, database, finance, second, steps, expected: nothingYet() }, backups);
  const seconds = ((performance.now() - from) / 1000).toFixed(1);
  console.log(`\n✓ 全部如预期 everything as it must be; bills and reports in demo-output/money. ${seconds} s`);
} catch (error) {
  tellWhy(error, stack);
} finally {
  await database.close();
  await stack.stop();
  await rm(backups, { recursive: true });
}
