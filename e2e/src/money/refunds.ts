import { signedIn } from '../members.ts';
import { must } from '../steps.ts';
import { settled } from './sales.ts';
import { available, buy, daysLeft, type Scene } from './scene.ts';

/** Money goes back: a part, all of it with a second person, and one that the bank refuses. */
export async function refundAllDay(scene: Scene): Promise<void> {
  await aPart(scene);
  await allOfIt(scene);
  await refused(scene);
}

async function aPart(scene: Scene): Promise<void> {
  const { stack, steps, finance, expected } = scene;
  await steps.step('部分退款', 'a part goes back, and its share of the quota with it', async () => {
    const ys = await signedIn(stack);
    const order = await buy(scene, ys, { planId: 'BASIC' });
    await finance.refunds.request({ orderId: order.id, amountFen: 4950, reason: '少发一件' });
    must((await available(ys)) === 50, 'half of the quota is taken back at once');
    await settled(scene, order.id, ['partially_refunded']);
    expected.refundedFen += 4950;
    expected.refunds += 1;
    return { value: undefined, note: `¥49.50, quota 50, ${await daysLeft(ys)} days stay` };
  });
}

async function allOfIt(scene: Scene): Promise<void> {
  const { stack, steps, finance, second, expected } = scene;
  await steps.step('大额退款，双人审批', 'all of ¥399: asked by one, agreed to by another', async () => {
    const ys = await signedIn(stack);
    const order = await buy(scene, ys, { planId: 'PREMIUM' });
    const wish = { orderId: order.id, amountFen: order.amountFen, reason: '七天无理由' };
    const { approval } = await finance.refunds.request(wish);
    must(approval !== null, 'a second person is needed');
    const decision = { approvalId: approval.id, decision: 'approve', reason: '已核对' } as const;
    const own = await finance.approvals.decide(decision).then(
      () => 'agreed',
      (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
    );
    must(own === 'APPROVAL_OWN', `nobody agrees to their own wish (${String(own)})`);
    await second.approvals.decide(decision);
    await settled(scene, order.id, ['refunded']);
    expected.refundedFen += order.amountFen;
    expected.refunds += 1;
    must((await available(ys)) === 0 && (await daysLeft(ys)) === 0, 'quota and days went with it');
    return { value: undefined, note: '¥399.00, quota 0, 0 days' };
  });
}

async function refused(scene: Scene): Promise<void> {
  const { stack, steps, finance } = scene;
  await steps.step('银行拒绝的退款', 'the bank closes a refund: quota and days come back', async () => {
    const ys = await signedIn(stack);
    const order = await buy(scene, ys, { planId: 'BASIC' });
    await stack.sandbox.control.fault({ vendor: 'wechat', kind: 'refund_ends', status: 'CLOSED', afterMs: 300 });
    await finance.refunds.request({ orderId: order.id, amountFen: order.amountFen, reason: '不想要了' });
    must((await available(ys)) === 0, 'the quota is taken back at once');
    await settled(scene, order.id, ['paid']);
    const [quota, days] = [await available(ys), await daysLeft(ys)];
    must(quota === 100 && days === 30, `all is as it was (${quota}, ${days})`);
    return { value: undefined, note: `quota ${quota}, ${days} days` };
  });
}
