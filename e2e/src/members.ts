import type { Stack } from '@yunshang/devstack';
import { renderSampleGarment } from '@yunshang/image-engine';
import { createYunshang, type Yunshang } from '@yunshang/sdk';
import sharp from 'sharp';
import { scanAndPay } from './journey.ts';

let phones = 0;

/** Signs a new person in through SMS. */
export async function signedIn(stack: Stack): Promise<Yunshang> {
  phones += 1;
  const phone = `+86137${String(phones).padStart(8, '0')}`;
  const ys = createYunshang({ baseUrl: stack.server.url });
  await ys.auth.requestCode({ phone });
  await ys.auth.signIn({ phone, code: await stack.sandbox.control.smsCode(phone) });
  return ys;
}

/** A new person who has bought BASIC: 100 quota. */
export function basicMember(stack: Stack): Promise<Yunshang> {
  return member(stack, 'BASIC');
}

/** A new person who has bought that plan. */
export async function member(stack: Stack, planId: string): Promise<Yunshang> {
  const ys = await signedIn(stack);
  const order = await ys.orders.create({ planId });
  await scanAndPay(stack, order.codeUrl);
  await ys.orders.waitUntilPaid(order.id, { everyMs: 50 });
  return ys;
}

/** The smallest picture that is accepted: quick to cut out. */
export async function smallPhoto(): Promise<Buffer> {
  return sharp(await renderSampleGarment())
    .resize(500, 667)
    .jpeg({ quality: 92 })
    .toBuffer();
}
