import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from '../steps.ts';
import type { Scene } from './scene.ts';

const yuan = (fen: number): string =>
  `${fen < 0 ? '-' : ''}¥${Math.trunc(Math.abs(fen) / 100)}.${String(Math.abs(fen) % 100).padStart(2, '0')}`;

/** The report of the day says what was done in it, to the fen; its files are written. */
export async function reportOfTheDay(scene: Scene, of: { day: string; folder: string }): Promise<void> {
  const { finance, steps, expected } = scene;
  await steps.step('当日报表', 'the report of the day, to the fen', async () => {
    const which = { kind: 'day', period: of.day } as const;
    const { report } = await finance.reports.get(which);
    const { revenue, quota, members } = report;
    must(
      revenue.paidFen === expected.paidFen && revenue.payments === expected.payments,
      `paid ${revenue.paidFen} in ${revenue.payments}; it was ${expected.paidFen} in ${expected.payments}`,
    );
    must(
      revenue.refundedFen === expected.refundedFen && revenue.refunds === expected.refunds,
      `refunded ${revenue.refundedFen} in ${revenue.refunds}; it was ${expected.refundedFen} in ${expected.refunds}`,
    );
    must(revenue.netFen === expected.paidFen - expected.refundedFen, 'net is what came less what went');
    const granted = Object.values(quota.granted).reduce((sum, each) => sum + each, 0);
    must(
      quota.opening + granted + quota.restored + quota.refunded - quota.spent - quota.expired - quota.clawedBack ===
        quota.closing,
      'the quota adds up',
    );
    for (const format of ['json', 'csv', 'xlsx', 'svg'] as const) {
      const file = await finance.reports.file({ ...which, format });
      await writeFile(join(of.folder, file.name), file.bytes);
    }
    console.log(`
日报 ${of.day}
  收款 paid       ${yuan(revenue.paidFen).padStart(12)}  ${revenue.payments} payments
  退款 refunded   ${yuan(revenue.refundedFen).padStart(12)}  ${revenue.refunds} refunds
  净收入 net      ${yuan(revenue.netFen).padStart(12)}
  成本 costs      ${yuan(report.costs.fen).padStart(12)}  ${report.costs.entries} entries
  毛利 profit     ${yuan(report.grossProfitFen).padStart(12)}
  配额 quota      granted ${granted}, restored ${quota.restored}, refunded ${quota.refunded}, spent ${quota.spent}, clawed back ${quota.clawedBack}, closing ${quota.closing}
  会员 members    joined ${members.joined}, renewed ${members.renewed}, upgraded ${members.upgraded}, closing ${members.closing}
`);
    return { value: undefined, note: `${yuan(revenue.netFen)} net; json, csv, xlsx, svg written` };
  });
}
