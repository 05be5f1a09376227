import { connect } from '@yunshang/db';
import { startStack } from '@yunshang/devstack';
import { isYunshangError } from '@yunshang/sdk';
import { refundAllDay } from './money/refunds.ts';
import { nothingYet } from './money/scene.ts';
import { paidUnheard, sellAllDay } from './money/sales.ts';
import { admin } from './operate.ts';
import { printSteps } from './steps.ts';

const from = performance.now();
console.log('云裳 Yunshang money demo');
const stack = await startStack({ timeScale: 0.01, env: { OUTBOX_POLL_MS: '200' } });
const database = connect(stack.databaseUrl);
try {
  const steps = printSteps((line) => console.log(line));
  const finance = await admin(stack);
  const second = await admin(stack, '+8613811113333');
  const scene = { stack, database, finance, second, steps, expected: nothingYet() };
  await sellAllDay(scene);
  await refundAllDay(scene);
  await paidUnheard(scene);
  console.log(JSON.stringify(scene.expected));
  console.log(`\n✓ 全部如预期 everything as it must be. ${((performance.now() - from) / 1000).toFixed(1)} s`);
} catch (error) {
  const words = isYunshangError(error)
    ? `${error.code} ${JSON.stringify(error.details)}`
    : error instanceof Error
      ? error.message
      : String(error);
  console.error(`\n✗ ${words}\n  日志 logs: ${stack.server.logFile}, ${stack.worker.logFile}`);
  process.exitCode = 1;
} finally {
  await database.close();
  await stack.stop();
}
