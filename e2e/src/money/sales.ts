import { until } from '@yunshang/devstack';
import { signedIn, smallPhoto } from '../members.ts';
import { busyPicture } from '../pictures.ts';
import { must } from '../steps.ts';
import { available, buy, daysLeft, numberOf, pay, payOrder, type Scene } from './scene.ts';

/** Members buy, renew and upgrade; notifications come, get lost, come late and come again. Every unit and day is where it belongs. */
export async function sellAllDay(scene: Scene): Promise<void> {
  await threeChannels(scene);
  await lostLateAndTwice(scene);
  await renewAndUpgrade(scene);
  await wrongSum(scene);
  await retouch(scene);
}

async function threeChannels(scene: Scene): Promise<void> {
  await scene.steps.step('扫码、公众号、手机浏览器', 'buy by code, inside WeChat and from a browser', async () => {
    const wishes = [
      { planId: 'BASIC' },
      { planId: 'PRO', channel: 'jsapi', openid: 'o-demo-openid-0000000000001' },
      { planId: 'BASIC', channel: 'h5', h5Type: 'Wap' },
    ] as const;
    const got: number[] = [];
    for (const wish of wishes) {
      const ys = await signedIn(scene.stack);
      await buy(scene, ys, wish);
      got.push(await available(ys));
    }
    must(got.join() === '100,200,100', `the plans' quota was granted (${got.join()})`);
    return { value: undefined, note: `quota ${got.join(', ')}` };
  });
}

async function lostLateAndTwice(scene: Scene): Promise<void> {
  const { stack, steps } = scene;
  const { control } = stack.sandbox;
  await steps.step('支付通知丢失', 'a notification is lost: found by asking', async () => {
    const ys = await signedIn(stack);
    await control.fault({ vendor: 'wechat', kind: 'notify_never' });
    const from = performance.now();
    await buy(scene, ys, { planId: 'BASIC' });
    must((await available(ys)) === 100, 'the quota is there');
    return { value: undefined, note: `after ${((performance.now() - from) / 1000).toFixed(1)} s` };
  });
  await steps.step('迟到和重复的支付通知', 'one comes late and nine times: one grant', async () => {
    const ys = await signedIn(stack);
    await control.fault({ vendor: 'wechat', kind: 'notify_late', ms: 500 });
    const order = await buy(scene, ys, { planId: 'BASIC' });
    const outTradeNo = await numberOf(scene, order);
    const answers = await control.notify({ outTradeNo, count: 9, parallel: true });
    must(
      answers.every((status) => status === 204),
      'the vendor is told that all is well',
    );
    must((await available(ys)) === 100, 'granted once');
    return { value: undefined, note: `9 × ${answers[0] ?? ''}, quota ${await available(ys)}` };
  });
  await steps.step('重复下单', 'ordering again before paying gives the same order', async () => {
    const ys = await signedIn(stack);
    const [first, again] = [await ys.orders.create({ planId: 'BASIC' }), await ys.orders.create({ planId: 'BASIC' })];
    must(first.id === again.id, 'one intent is one order');
    await payOrder(scene, again, again.amountFen);
    await ys.orders.waitUntilPaid(first.id, { everyMs: 100 });
    return { value: undefined, note: '¥99.00' };
  });
}

async function renewAndUpgrade(scene: Scene): Promise<void> {
  const { stack, steps } = scene;
  await steps.step('提前续费', 'renewing early loses no day and no unit', async () => {
    const ys = await signedIn(stack);
    await buy(scene, ys, { planId: 'BASIC' });
    await buy(scene, ys, { planId: 'BASIC' });
    const [days, quota] = [await daysLeft(ys), await available(ys)];
    must(days === 60 && quota === 200, `60 days and 200 (${days}, ${quota})`);
    return { value: undefined, note: `${days} days, quota ${quota}` };
  });
  await steps.step('升级套餐', 'a higher plan begins at once, what it displaces follows', async () => {
    const ys = await signedIn(stack);
    await buy(scene, ys, { planId: 'BASIC' });
    await buy(scene, ys, { planId: 'PREMIUM' });
    const { membership } = await ys.account.get();
    const quota = await available(ys);
    must(membership?.level === 3 && quota === 600, `level 3 and 600 (${membership?.level ?? 0}, ${quota})`);
    return { value: undefined, note: `level ${membership.level}, quota ${quota}` };
  });
}

async function wrongSum(scene: Scene): Promise<void> {
  const { stack, steps, finance } = scene;
  await steps.step('金额不符', 'another sum is paid: nothing is granted, finance gives it back', async () => {
    const ys = await signedIn(stack);
    const order = await ys.orders.create({ planId: 'BASIC' });
    await stack.sandbox.control.fault({ vendor: 'wechat', kind: 'pay_wrong_amount', totalFen: 1 });
    await payOrder(scene, order, 1);
    const seen = await settled(scene, order.id, ['amount_mismatch']);
    must((await available(ys)) === 0, 'nothing was granted');
    await finance.refunds.request({ orderId: order.id, amountFen: 1, reason: '金额不符' });
    scene.expected.refundedFen += 1;
    scene.expected.refunds += 1;
    return { value: undefined, note: `${seen}, ¥0.01 goes back` };
  });
}

async function retouch(scene: Scene): Promise<void> {
  const { stack, steps } = scene;
  await steps.step(
    '修图与失败返还',
    'two pictures are retouched, a third fails and costs the member nothing',
    async () => {
      const ys = await signedIn(stack);
      await buy(scene, ys, { planId: 'BASIC' });
      const states: string[] = [];
      const good = await smallPhoto();
      for (const bytes of [good, good, await busyPicture()]) {
        const { id: photo } = await ys.uploads.put(bytes);
        const task = await ys.tasks.wait((await ys.tasks.create({ featureId: 'basic_clean', input: { photo } })).id);
        states.push(task.status);
      }
      must(states.join() === 'succeeded,succeeded,failed', `two succeeded, one failed (${states.join()})`);
      must((await available(ys)) === 98, 'two units are spent');
      return { value: undefined, note: 'quota 98' };
    },
  );
}

/** Waits until the order is in one of these states. */
export async function settled({ finance }: Scene, orderId: string, states: readonly string[]): Promise<string> {
  const reached = async () => {
    const { status } = await finance.sales.get(orderId);
    return states.includes(status) && status;
  };
  return until(reached, { everyMs: 100, timeoutMs: 30_000, what: `order ${orderId} to be ${states.join(' or ')}` });
}

/** Paid while nobody listens and nobody asks: only the bill will tell. */
export async function paidUnheard(scene: Scene): Promise<{ transactionId: string; balance: () => Promise<number> }> {
  const { stack, steps } = scene;
  return steps.step('无人知晓的付款', 'paid while our worker is down and the notification lost', async () => {
    const ys = await signedIn(stack);
    await stack.worker.stop();
    await stack.sandbox.control.fault({ vendor: 'wechat', kind: 'notify_never' });
    const order = await pay(scene, ys, { planId: 'BASIC' });
    must((await available(ys)) === 0, 'nobody knows of it');
    const { transactionId } = await stack.sandbox.control.order(await numberOf(scene, order));
    must(typeof transactionId === 'string', 'it is paid there');
    return { value: { transactionId, balance: () => available(ys) }, note: 'quota 0' };
  });
}
