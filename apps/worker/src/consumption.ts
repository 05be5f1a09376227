import { tencentSmsAccount } from '@yunshang/accounts';
import { createSmsBook, type ConsumptionBook } from '@yunshang/billing';
import type { Clock, Db } from '@yunshang/db';
import { listProviderBooks, type ProviderRegistry } from '@yunshang/pipeline';
import type { ProcessConfig } from './config.ts';

/** The accounts at vendors that say what they consumed. */
export function consumptionBooks(
  { smsAccount }: Pick<ProcessConfig, 'smsAccount'>,
  deps: { db: Db; clock: Clock; providers: ProviderRegistry },
): () => Promise<ConsumptionBook[]> {
  const sms = smsAccount === undefined ? undefined : tencentSmsAccount(smsAccount.application);
  const messages = sms === undefined ? [] : [createSmsBook({ db: deps.db, charged: (hours) => sms.charged(hours) })];
  return async () => [...(await listProviderBooks(deps)), ...messages];
}
