import { mkdir, writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { connect, type Database } from '@yunshang/db';
import { startStack, type Stack } from '@yunshang/devstack';
import { runDoctor } from '@yunshang/guard';
import { renderSampleGarment } from '@yunshang/image-engine';
import { createVideoLabels, findFfmpeg, readLabel } from '@yunshang/labels';
import { type Task, type Yunshang } from '@yunshang/sdk';
import { scanAndPay, readPhotos, type Photo } from './journey.ts';
import { signedIn } from './members.ts';
import { admin, openEverything } from './operate.ts';
import { busyPicture } from './pictures.ts';
import { must, printSteps, type Steps, tellWhy } from './steps.ts';

const OUTPUT = new URL('../../demo-output/pipelines/', import.meta.url);
const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'video/mp4': 'mp4',
};

type Scene = {
  stack: Stack;
  database: Database;
  operator: Yunshang;
  ys: Yunshang;
  steps: Steps;
  photos: readonly Photo[];
};
type Wish = { featureId: string; input: Task['input'] };

async function buyPremium(stack: Stack, ys: Yunshang): Promise<void> {
  const order = await ys.orders.create({ planId: 'PREMIUM' });
  await scanAndPay(stack, order.codeUrl);
  await ys.orders.waitUntilPaid(order.id, { everyMs: 100 });
}

async function wishes({ ys, photos }: Scene): Promise<Wish[]> {
  const [first] = photos;
  must(first !== undefined, 'there is a photo');
  const ids: string[] = [];
  for (const photo of photos) ids.push((await ys.uploads.put(photo.bytes)).id);
  const photo = ids[0] ?? '';
  return [
    { featureId: 'basic_clean', input: { photo } },
    { featureId: 'promo_poster', input: { photo, headline: '秋季上新', showPrice: true, priceText: '¥199' } },
    { featureId: 'model_pose12', input: { photo, scene: 'street' } },
    { featureId: 'weekly_drop_trailer', input: { photos: ids, title: '本周上新', secondsPerPiece: 1 } },
    { featureId: 'video_generate_beta', input: { photo, motion: 'turn' } },
  ];
}

/** A provider that is well again is asked within this: docs/operations/providers.md. */
const PROBE_INTERVAL_MS = 10_000;
const FILES: Readonly<Record<string, number>> = { model_pose12: 12 };

/** Downloads every result and reads label and record from its bytes. */
async function checkDelivered(ys: Yunshang, task: Task, labelled: boolean): Promise<string> {
  const notes: string[] = [];
  for (const output of task.outputs) {
    const bytes = Buffer.from(await ys.assets.download(output.assetId));
    const name = `${task.featureId}-${notes.length + 1}.${EXTENSIONS[output.contentType] ?? 'bin'}`;
    await writeFile(new URL(name, OUTPUT), bytes);
    const isVideo = output.contentType === 'video/mp4';
    const mark = isVideo
      ? await createVideoLabels({ ffmpegPath: findFfmpeg(), timeoutMs: 60_000 }).read(bytes)
      : await readLabel(bytes);
    must(
      (mark.visible !== undefined) === labelled,
      `${task.featureId}: the visible label is ${labelled ? 'there' : 'absent'}`,
    );
    must(
      (mark.record !== undefined) === labelled,
      `${task.featureId}: the AIGC record is ${labelled ? 'there' : 'absent'}`,
    );
    must(mark.strays.length === 0, `${task.featureId}: nothing else is said in the file`);
    notes.push(`${output.contentType}${mark.visible === undefined ? '' : ` label ${mark.visible}`}`);
  }
  must(
    task.outputs.length === (FILES[task.featureId] ?? 1),
    `${task.featureId} delivers ${FILES[task.featureId] ?? 1}`,
  );
  return `${task.outputs.length} × ${notes[0] ?? ''}`;
}

async function allFive(scene: Scene): Promise<void> {
  const { ys, operator, steps } = scene;
  const flags = new Map((await operator.definitions.list()).map((feature) => [feature.featureId, feature.aiGenerated]));
  for (const wish of await wishes(scene))
    await steps.step(`功能 ${wish.featureId}`, 'run, download, read label and record', async () => {
      const task = await ys.tasks.wait((await ys.tasks.create(wish)).id);
      must(task.status === 'succeeded', `it succeeded (${task.status} ${task.failure?.code ?? ''})`);
      return {
        value: undefined,
        note: `${task.charge.zh}; ${await checkDelivered(ys, task, flags.get(wish.featureId) ?? true)}`,
      };
    });
}

async function primaryDown({ stack, database, operator, ys, steps, photos }: Scene): Promise<void> {
  const photo = (await ys.uploads.put(photos[0]?.bytes ?? Buffer.alloc(0))).id;
  const pose = async (): Promise<string> => {
    const task = await ys.tasks.wait((await ys.tasks.create({ featureId: 'model_pose12', input: { photo } })).id);
    must(
      task.status === 'succeeded' && task.outputs.length === 12,
      `twelve of twelve (${task.status} ${task.failure?.code ?? ''})`,
    );
    const rows = await database.db
      .selectFrom('task_attempts')
      .select(['provider_ref', 'status'])
      .where('task_id', '=', task.id)
      .orderBy('attempt_no')
      .execute();
    return rows.map((row) => `${row.provider_ref} ${row.status}`).join(' → ');
  };
  await steps.step('首选供应商宕机', 'the primary provider is down', async () => {
    await stack.sandbox.control.fault({
      vendor: 'runninghub',
      kind: 'error',
      status: 503,
      times: 'always',
      match: { account: 'a' },
    });
    // Three failures in a row, whoever notices them, take a provider down.
    const notes = await Promise.all([pose(), pose(), pose()]);
    for (const note of notes) must(note.endsWith('runninghub-b succeeded'), `the second account did it (${note})`);
    const { health } = await operator.providers.get('runninghub-a');
    must(health?.status === 'down', `the first account is known to be down (${health?.status ?? ''})`);
    return { value: undefined, note: `3 × ${notes[0] ?? ''}; ${health.status}` };
  });
  await steps.step('首选供应商恢复', 'the primary provider is back', async () => {
    await stack.sandbox.control.clearFaults();
    const began = performance.now();
    while ((await operator.providers.get('runninghub-a')).health?.status === 'down') {
      must(performance.now() - began < PROBE_INTERVAL_MS, 'it is found well within a probe interval');
      await wait(100);
    }
    const foundMs = Math.round(performance.now() - began);
    const note = await pose();
    must(note === 'runninghub-a succeeded', `the first account does it again (${note})`);
    return { value: undefined, note: `found well after ${foundMs} ms; ${note}` };
  });
}

async function cancelAndFail({ stack, ys, steps, photos }: Scene): Promise<void> {
  await steps.step('取消一个任务', 'cancel a task that has not begun', async () => {
    const photo = (await ys.uploads.put(photos[0]?.bytes ?? Buffer.alloc(0))).id;
    const before = (await ys.quota.balance()).available;
    await stack.worker.stop();
    const task = await ys.tasks.create({ featureId: 'basic_clean', input: { photo } });
    const cancelled = await ys.tasks.cancel(task.id);
    await stack.worker.restart();
    must(cancelled.status === 'cancelled' && cancelled.charge.refunded, 'it is cancelled and refunded');
    must((await ys.quota.balance()).available === before, 'the balance is what it was');
    return { value: undefined, note: cancelled.charge.zh };
  });
  await steps.step('一个会失败的任务', 'a task that fails', async () => {
    const photo = (await ys.uploads.put(await busyPicture())).id;
    const before = (await ys.quota.balance()).available;
    const task = await ys.tasks.wait((await ys.tasks.create({ featureId: 'basic_clean', input: { photo } })).id);
    must(task.status === 'failed' && task.charge.refunded, `it failed and was refunded (${task.status})`);
    must((await ys.quota.balance()).available === before, 'the balance is what it was');
    return { value: undefined, note: `${task.failure?.zh ?? ''}; ${task.charge.en}` };
  });
}

async function printTasks({ database }: Scene): Promise<void> {
  const rows = await database.db
    .selectFrom('tasks as t')
    .innerJoin('quota_charges as c', 'c.id', 't.charge_id')
    .leftJoin('task_attempts as a', 'a.task_id', 't.id')
    .select((eb) => [
      't.id',
      't.feature_id',
      't.status',
      'c.amount',
      'c.status as charge',
      eb.fn.sum<string>(eb.fn.coalesce('a.settled_cost_micro_yuan', 'a.cost_micro_yuan')).as('cost'),
      eb.fn<string>('group_concat', [eb.ref('a.provider_ref')]).as('providers'),
    ])
    .groupBy(['t.id', 't.feature_id', 't.status', 'c.amount', 'c.status'])
    .orderBy('t.id')
    .execute();
  console.log('\n功能 feature          状态 state   配额 quota     成本 cost ¥  供应商 providers (operator only)');
  for (const row of rows) {
    const micro = Number(row.cost ?? 0);
    const yuan = `${Math.trunc(micro / 1_000_000)}.${String(micro % 1_000_000).padStart(6, '0')}`;
    console.log(
      `${row.feature_id.padEnd(21)} ${row.status.padEnd(11)} ${String(row.amount).padStart(2)} ${row.charge.padEnd(9)} ${yuan.padStart(10)}  ${row.providers ?? '-'}`,
    );
  }
}

async function run(scene: Scene): Promise<void> {
  const { database, steps } = scene;
  await allFive(scene);
  await primaryDown(scene);
  await cancelAndFail(scene);
  await steps.step('账本检查', 'doctor', async () => {
    const findings = await runDoctor(database.db, { now: new Date() });
    must(findings.length === 0, `no findings (${JSON.stringify(findings.slice(0, 2))})`);
    return { value: undefined, note: 'no findings' };
  });
  await printTasks(scene);
}

const from = performance.now();
const paths = process.argv.slice(2);
const photos =
  paths.length > 0
    ? await readPhotos(paths)
    : [
        { name: 'sample', bytes: await renderSampleGarment() },
        { name: 'sample 2', bytes: await renderSampleGarment(2) },
      ];
console.log('云裳 Yunshang pipelines demo');
await mkdir(OUTPUT, { recursive: true });
const stack = await startStack({ timeScale: 0.01, env: { OUTBOX_POLL_MS: '200' } });
const database = connect(stack.databaseUrl);
try {
  const steps = printSteps((line) => console.log(line));
  const ys = await signedIn(stack);
  const operator = await steps.step('创建管理员', 'the first admin, by the command', async () => ({
    value: await admin(stack),
    note: '',
  }));
  await steps.step('开通五个功能', 'enter providers, switch all features on by the API', async () => {
    const count = await openEverything(operator, stack, (await ys.account.get()).accountId);
    return { value: undefined, note: `${count} features` };
  });
  await steps.step('购买旗舰会员', 'buy PREMIUM', async () => ({ value: await buyPremium(stack, ys), note: '500' }));
  await run({ stack, database, operator, ys, steps, photos });
  console.log(
    `\n✓ 全部如预期 everything as it must be; files in demo-output/pipelines. ${((performance.now() - from) / 1000).toFixed(1)} s`,
  );
} catch (error) {
  tellWhy(error, stack);
} finally {
  await database.close();
  await stack.stop();
}
