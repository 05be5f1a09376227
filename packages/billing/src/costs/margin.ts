import { inputInvalid, MARGIN_DAYS, type MarginRow } from '@yunshang/contracts';
import { dayStart } from '../calendar/calendar.ts';

const DAY_MS = 86_400_000;

/** From the beginning of a day to before the end of another. */
export type Period = { readonly from: Date; readonly to: Date };

/** Days of Asia/Shanghai, both included. Throws INPUT_INVALID for a period that ends before it begins, or is too long to be read. */
export function periodOf({ from, to }: { from: string; to: string }): Period {
  const period = { from: dayStart(from), to: new Date(dayStart(to).getTime() + DAY_MS) };
  const days = (period.to.getTime() - period.from.getTime()) / DAY_MS;
  if (days < 1)
    throw inputInvalid('to', 'period', { zh: '结束日期早于开始日期', en: 'the period ends before it begins' });
  if (days > MARGIN_DAYS)
    throw inputInvalid('to', 'period', {
      zh: `时间范围最长 ${MARGIN_DAYS} 天`,
      en: `a period has ${MARGIN_DAYS} days at most`,
    });
  return period;
}

/** What members used, by feature, plan or user. */
export type Earned = { key: string | null; charges: number; quota: number; revenueMicroYuan: number };
/** What it cost, by the same. */
export type Spent = { key: string | null; costMicroYuan: number };

/** Both sides together, those that cost more than they earned first. */
export function marginRows(earned: readonly Earned[], spent: readonly Spent[]): MarginRow[] {
  const keys = new Set([...earned, ...spent].map(({ key }) => key));
  return [...keys]
    .map((key): MarginRow => {
      const side = earned.find((one) => one.key === key);
      const costMicroYuan = spent.find((one) => one.key === key)?.costMicroYuan ?? 0;
      const { charges = 0, quota = 0, revenueMicroYuan = 0 } = side ?? {};
      return {
        key,
        charges,
        quota,
        revenueMicroYuan,
        costMicroYuan,
        marginMicroYuan: revenueMicroYuan - costMicroYuan,
      };
    })
    .sort(
      (one, other) => one.marginMicroYuan - other.marginMicroYuan || ((one.key ?? '') < (other.key ?? '') ? -1 : 1),
    );
}
