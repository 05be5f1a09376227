import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Stack } from '@yunshang/devstack';
import { createYunshang, type Task, type Yunshang } from '@yunshang/sdk';
import { busyPicture, hasMetadata, whiteRing } from './pictures.ts';
import { must, type Steps } from './steps.ts';

export type Photo = { name: string; bytes: Buffer };
export type Retouched = { name: string; note: string; before: Buffer; after: Buffer };
export type Journey = { ys: Yunshang; retouched: Retouched[] };

const PHONE = '+8613800138000';
const FEATURE = 'basic_clean';

export async function readPhotos(paths: readonly string[]): Promise<Photo[]> {
  return Promise.all(paths.map(async (path) => ({ name: basename(path), bytes: await readFile(path) })));
}

async function signIn(ys: Yunshang, stack: Stack, steps: Steps): Promise<void> {
  await steps.step('获取验证码', 'request a code by SMS', async () => {
    const answer = await ys.auth.requestCode({ phone: PHONE });
    return { value: undefined, note: `${answer.expiresInSeconds} s` };
  });
  const code = await steps.step('在沙箱里读短信', 'read the SMS in the sandbox', async () => ({
    value: await stack.sandbox.control.smsCode(PHONE),
    note: '6 digits',
  }));
  await steps.step('登录', 'sign in', async () => {
    await ys.auth.signIn({ phone: PHONE, code });
    const account = await ys.account.get();
    must(account.membership === null, 'a new account has no membership');
    return { value: undefined, note: `${account.accountId} ${account.phoneMasked}` };
  });
}

/** What the member's phone does: opens the code's page at the vendor and presses pay. */
export async function scanAndPay(stack: Pick<Stack, 'sandbox'>, codeUrl: string | null): Promise<void> {
  const token = new URL(codeUrl ?? '').searchParams.get('pr') ?? '';
  const answer = await fetch(`${stack.sandbox.url}/pay/${token}`, { method: 'POST' });
  must(answer.ok, `the payment page answers (${answer.status})`);
}

async function buy(ys: Yunshang, stack: Stack, steps: Steps): Promise<void> {
  await steps.step('查看套餐和功能', 'list plans and features', async () => {
    const plans = await ys.plans.list();
    const features = await ys.features.list();
    const form = await ys.features.form(FEATURE);
    must(
      plans.some((plan) => plan.planId === 'BASIC' && plan.priceFen === 9900 && plan.quota === 100),
      'BASIC costs 9900 fen and gives 100',
    );
    must(
      features.some((feature) => feature.featureId === FEATURE && feature.quotaCost === 1),
      'basic_clean is listed and costs 1',
    );
    must(form.fields[0]?.key === 'photo', 'the form asks for a photo');
    return {
      value: undefined,
      note: plans.map((plan) => `${plan.title} ¥${plan.priceFen / 100}/${plan.quota}`).join(', '),
    };
  });
  const order = await steps.step('下单 BASIC', 'order BASIC', async () => {
    const placed = await ys.orders.create({ planId: 'BASIC' });
    must(placed.amountFen === 9900 && placed.status === 'pending', 'the price comes from the plan');
    must(placed.codeUrl?.startsWith('weixin://wxpay/bizpayurl?pr=') ?? false, 'there is a code to scan');
    return { value: placed, note: placed.codeUrl ?? '' };
  });
  await steps.step('扫码支付', 'scan and pay in the sandbox', async () => {
    await scanAndPay(stack, order.codeUrl);
    return { value: undefined, note: '¥99.00' };
  });
  await steps.step('支付通知到账，发放配额', 'the signed notification arrives and grants', async () => {
    const paid = await ys.orders.waitUntilPaid(order.id, { everyMs: 100 });
    const [balance, account] = [await ys.quota.balance(), await ys.account.get()];
    must(paid.status === 'paid', 'the order is paid');
    must(balance.available === 100, 'the balance is 100');
    must(account.membership?.level === 1, 'the membership is in force');
    return { value: undefined, note: `balance ${balance.available}` };
  });
}

type Outcome = { task: Task; assetId: string; moves: number };

async function runTask(ys: Yunshang, photo: Photo): Promise<Outcome> {
  const asset = await ys.uploads.put(photo.bytes);
  const created = await ys.tasks.create({ featureId: FEATURE, input: { photo: asset.id } });
  let moves = 0;
  for await (const event of ys.tasks.watch(created.id)) {
    must(event.taskId === created.id, 'the event is of this task');
    moves += 1;
  }
  return { task: await ys.tasks.get(created.id), assetId: asset.id, moves };
}

async function retouch(
  ys: Yunshang,
  photo: Photo,
  steps: Steps,
  words: { zh: string; en: string },
): Promise<Retouched> {
  const { task, moves } = await steps.step(`${words.zh} ${photo.name}`, words.en, async () => {
    const outcome = await runTask(ys, photo);
    must(
      outcome.task.status === 'succeeded',
      `the task succeeded (${outcome.task.failure?.code ?? outcome.task.status})`,
    );
    must(outcome.task.charge.charged === 1, 'it cost 1');
    return { value: outcome, note: `${outcome.moves} events, ${outcome.task.charge.zh}` };
  });
  return steps.step('下载并检查结果', 'download and check the result', async () => {
    const output = task.outputs[0];
    must(output !== undefined, 'the task has an output');
    const listed = await ys.assets.list({ kind: 'result' });
    must(
      listed.items.some((asset) => asset.id === output.assetId),
      'the result is among the assets',
    );
    const after = Buffer.from(await ys.assets.download(output.assetId));
    const [ring, metadata] = [await whiteRing(after), await hasMetadata(after)];
    must(ring > 0.9, `the ground is white (${(ring * 100).toFixed(1)} % of the ring)`);
    must(!metadata, 'no metadata of the uploader is in the result');
    const note = `${output.width} × ${output.height}, white ring ${(ring * 100).toFixed(2)} %`;
    return { value: { name: photo.name, note: `${note}, ${moves} events`, before: photo.bytes, after }, note };
  });
}

async function failing(ys: Yunshang, steps: Steps): Promise<void> {
  await steps.step('一个会失败的任务', 'a task that fails at every provider', async () => {
    const before = (await ys.quota.balance()).available;
    const { task } = await runTask(ys, { name: 'busy.jpg', bytes: await busyPicture() });
    must(
      task.status === 'failed' && task.failure?.code === 'IMAGE_NOT_CUT_OUT',
      `it failed honestly (${task.status} ${task.failure?.code ?? ''})`,
    );
    must(task.charge.refunded && task.charge.charged === 0, 'it was refunded');
    must((await ys.quota.balance()).available === before, 'the balance is what it was');
    const { items } = await ys.quota.history({ limit: 100 });
    must(
      items.filter((row) => row.taskId === task.id && row.kind === 'refund').length === 1,
      'there is one refund row',
    );
    return { value: undefined, note: `${task.failure.zh}; ${task.charge.zh} · ${task.charge.en}` };
  });
}

/** The whole way from a phone number to retouched pictures, through the SDK; throws where anything is not as it must be. */
export async function journey(stack: Stack, photos: readonly Photo[], steps: Steps): Promise<Journey> {
  const ys = createYunshang({ baseUrl: stack.server.url });
  await signIn(ys, stack, steps);
  await buy(ys, stack, steps);
  const retouched: Retouched[] = [];
  for (const photo of photos)
    retouched.push(await retouch(ys, photo, steps, { zh: '清理增强', en: 'upload, charge, retouch, watch' }));
  await steps.step('余额', 'the balance after it', async () => {
    const { available } = await ys.quota.balance();
    must(available === 100 - photos.length, `the balance is ${100 - photos.length}`);
    return { value: undefined, note: String(available) };
  });
  await failing(ys, steps);
  await stack.sandbox.control.fault({ vendor: 'ci', kind: 'error', times: 'always' });
  const first = photos[0];
  must(first !== undefined, 'there is a photo');
  retouched.push(
    await retouch(ys, { ...first, name: `${first.name} · 备用 fallback` }, steps, {
      zh: '首选供应商宕机，自动切换',
      en: 'the first provider is down; the second does it',
    }),
  );
  await stack.sandbox.control.clearFaults();
  return { ys, retouched };
}
