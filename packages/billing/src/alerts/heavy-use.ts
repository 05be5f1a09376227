import { hourOf, idFloor, raiseAlert, type Clock, type Db } from '@yunshang/db';

/** Charges of one member within an hour, above which somebody looks. */
const HEAVY_CHARGES = 100;
const HOUR_MS = 3_600_000;

/** Tells a person on call of members who were charged more than 100 times in the last hour, each once an hour. Returns how many are news. */
export async function watchHeavyUse({ db, clock }: { db: Db; clock: Clock }): Promise<number> {
  const now = clock.now();
  const heavy = await db
    .selectFrom('quota_charges')
    .select((eb) => ['user_id', eb.fn.countAll<number>().as('charges')])
    .where('id', '>=', idFloor(new Date(now.getTime() - HOUR_MS)))
    .groupBy('user_id')
    .having((eb) => eb.fn.countAll(), '>', HEAVY_CHARGES)
    .execute();
  let news = 0;
  for (const { user_id: userId, charges } of heavy) {
    const alert = { subject: userId, period: hourOf(now), details: { userId, charges } };
    if (await raiseAlert(db, { kind: 'heavy_use', ...alert }, now)) news += 1;
  }
  return news;
}
