import { smsClient, type SmsApplication } from './tencent-sms-client.ts';

/** What the vendor knows of all messages of an application, whoever sent them. Each rejects when the vendor can not be read. */
export type SmsAccount = {
  /** Messages left in the packages that are in force. */
  left(now: Date): Promise<number>;
  /** Segments charged for in these whole hours of Asia/Shanghai, both ends included. */
  charged(hours: { first: Date; last: Date }): Promise<number>;
};

const HOUR_MS = 3_600_000;
const SHANGHAI_MS = 8 * HOUR_MS;
/** The longest that a package holds, and a year more. */
const LOOK_BACK_MS = 3 * 366 * 24 * HOUR_MS;
/** The most packages that one answer names. */
const PAGE = 500;
const MOST_PAGES = 20;

/** Statistics of Tencent Cloud SMS: SmsPackagesStatistics and SendStatusStatistics of 2021-01-11. */
export function tencentSmsAccount(application: SmsApplication): SmsAccount {
  const client = smsClient(application);
  const { sdkAppId: SmsSdkAppId } = application;
  return {
    left: async (now) => {
      const [BeginTime, EndTime] = [hourOf(new Date(now.getTime() - LOOK_BACK_MS)), hourOf(now)];
      const seconds = now.getTime() / 1000;
      let left = 0;
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const asked = { SmsSdkAppId, Limit: PAGE, Offset: page * PAGE, BeginTime, EndTime };
        const { SmsPackagesStatisticsSet: packages } = await client.SmsPackagesStatistics(asked);
        if (packages === undefined) throw new Error('the statistics of packages can not be read');
        for (const one of packages)
          if (countOf(one.PackageEffectiveTime) <= seconds && countOf(one.PackageExpiredTime) > seconds)
            left += Math.max(0, countOf(one.PackageAmount) - countOf(one.CurrentUsage));
        if (packages.length < PAGE) return left;
      }
      throw new Error('more packages of messages than can be read');
    },
    charged: async ({ first, last }) => {
      const asked = { SmsSdkAppId, Limit: 0, Offset: 0, BeginTime: hourOf(first), EndTime: hourOf(last) };
      const { SendStatusStatistics: sent } = await client.SendStatusStatistics(asked);
      return countOf(sent?.FeeCount);
    },
  };
}

/** `2024050113`: the hour in Asia/Shanghai. */
function hourOf(at: Date): string {
  const text = new Date(at.getTime() + SHANGHAI_MS).toISOString();
  return `${text.slice(0, 4)}${text.slice(5, 7)}${text.slice(8, 10)}${text.slice(11, 13)}`;
}

/** A figure that is none is no zero. */
function countOf(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error('a figure of the statistics of messages can not be read');
}
