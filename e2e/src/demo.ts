import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from '@yunshang/db';
import { startStack, type Stack } from '@yunshang/devstack';
import { runDoctor } from '@yunshang/guard';
import { renderSampleGarment } from '@yunshang/image-engine';
import { journey, type Journey, type Photo, readPhotos } from './journey.ts';
import { page } from './page.ts';
import { must, printSteps } from './steps.ts';

const OUTPUT = new URL('../../demo-output/', import.meta.url);

function extensionOf(bytes: Buffer): string {
  if (bytes[0] === 0x89) return 'png';
  return bytes.subarray(0, 4).toString('latin1') === 'RIFF' ? 'webp' : 'jpg';
}

async function photosOf(paths: readonly string[]): Promise<Photo[]> {
  if (paths.length > 0) return readPhotos(paths);
  return [{ name: '示例服装 sample', bytes: await renderSampleGarment() }];
}

async function writeOutput({ ys, retouched }: Journey): Promise<void> {
  await mkdir(OUTPUT, { recursive: true });
  const pictures = retouched.map((picture, index) => ({
    ...picture,
    before: { file: `${index + 1}-before.${extensionOf(picture.before)}`, bytes: picture.before },
    after: { file: `${index + 1}-after.${extensionOf(picture.after)}`, bytes: picture.after },
  }));
  for (const { before, after } of pictures)
    for (const { file, bytes } of [before, after]) await writeFile(new URL(file, OUTPUT), bytes);
  const { items } = await ys.quota.history({ limit: 100 });
  await writeFile(new URL('index.html', OUTPUT), page(pictures, items.toReversed()));
}

async function printLedger({ ys }: Journey): Promise<void> {
  const { items } = await ys.quota.history({ limit: 100 });
  console.log('\n  #  类型 kind  数量  之前 → 之后  原因 cause');
  for (const row of items.toReversed())
    console.log(
      `${String(row.seq).padStart(3)}  ${row.kind.padEnd(8)} ${String(row.amount).padStart(6)}  ${String(row.balanceBefore).padStart(4)} → ${String(row.balanceAfter).padEnd(4)}    ${row.cause}`,
    );
}

async function checkBooks(stack: Stack): Promise<void> {
  const database = connect(stack.databaseUrl);
  try {
    const findings = await runDoctor(database.db, { now: new Date() });
    for (const finding of findings) console.error(finding);
    must(findings.length === 0, 'doctor finds nothing');
  } finally {
    await database.close();
  }
}

async function keepUntilInterrupted(stack: Stack): Promise<void> {
  console.log(
    `\n服务保持运行 the stack stays up: API ${stack.server.url}, sandbox ${stack.sandbox.url}, database ${stack.databaseUrl}\nCtrl-C 结束 ends it`,
  );
  // Nothing else keeps this process alive: the stack's own handles do not.
  const hold = setInterval(() => undefined, 60_000);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
  clearInterval(hold);
}

const args = process.argv.slice(2);
const keep = args.includes('--keep');
const paths = args.filter((arg) => !arg.startsWith('--'));
const unknown = args.filter((arg) => arg.startsWith('--') && arg !== '--keep');
if (unknown.length > 0) {
  console.error(`bin/demo [photo …] [--keep]\n不认识的参数 unknown: ${unknown.join(' ')}`);
  process.exit(2);
}
const from = performance.now();
const photos = await photosOf(paths).catch((error: unknown) => {
  console.error(`读不到照片 the photo can not be read: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(2);
});
console.log('云裳 Yunshang demo');
const stack = await startStack({
  timeScale: 0.01,
  onStarted: (part, ms) => console.log(`${String(Math.round(ms)).padStart(6)} ms  ✓ ${part}`),
});
try {
  const done = await journey(
    stack,
    photos,
    printSteps((line) => console.log(line)),
  );
  await checkBooks(stack);
  await printLedger(done);
  await writeOutput(done);
  console.log(
    `\n✓ 全部步骤已验证，账本平衡 every step verified, the books balance. ${((performance.now() - from) / 1000).toFixed(1)} s`,
  );
  console.log('  图片 pictures: demo-output/index.html');
  if (keep) await keepUntilInterrupted(stack);
} catch (error) {
  console.error(
    `\n✗ ${error instanceof Error ? error.message : String(error)}\n  日志 logs: ${stack.server.logFile}, ${stack.worker.logFile}`,
  );
  process.exitCode = 1;
} finally {
  await stack.stop();
}
