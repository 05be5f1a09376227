import { z } from 'zod';
import type { SandboxConfig } from '../config.ts';
import type { TencentAction } from '../tencent/api.routes.ts';
import { VendorError } from '../vendor-call.ts';
import type { PackageBook } from './package-book.ts';

type Deps = { sms: SandboxConfig['sms']; packages: PackageBook; now: () => Date };

const VERSION = '2021-01-11';
const HOUR_MS = 3_600_000;
const BEIJING_MS = 8 * HOUR_MS;

/** `yyyymmddhh` in Beijing. */
const hour = z
  .string()
  .regex(/^\d{10}$/)
  .transform((text) => {
    const iso = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}T${text.slice(8)}:00:00Z`;
    return new Date(Date.parse(iso) - BEIJING_MS);
  })
  .refine((at) => !Number.isNaN(at.getTime()));
const asked = z.object({
  SmsSdkAppId: z.string(),
  Limit: z.number().int().min(0).max(500),
  Offset: z.number().int().min(0),
  BeginTime: hour,
  EndTime: hour,
});
type Asked = z.output<typeof asked>;

/** What was sent and charged for in an hour or more, and what is left of each package: the statistics of 2021-01-11. */
export function smsStatisticsActions(deps: Deps): TencentAction[] {
  const shared = { vendor: 'sms', version: VERSION, needsRegion: true, idsOf: () => ({}) } as const;
  return [
    { ...shared, action: 'SendStatusStatistics', perform: (raw) => sent(deps, read(deps, raw)) },
    { ...shared, action: 'SmsPackagesStatistics', perform: (raw) => bought(deps, read(deps, raw)) },
  ];
}

function read({ sms }: Deps, raw: Record<string, unknown>): Asked {
  const parsed = asked.safeParse(raw);
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.') ?? '';
    throw new VendorError(200, 'InvalidParameter', `The value of parameter \`${field}\` is not valid.`);
  }
  if (parsed.data.SmsSdkAppId !== sms.sdkAppId)
    throw new VendorError(200, 'UnauthorizedOperation.SmsSdkAppIdVerifyFail', 'SmsSdkAppId verification failed');
  return parsed.data;
}

/** The hour of EndTime counts too. */
function sent({ packages }: Deps, { BeginTime, EndTime, Limit, Offset }: Asked): Record<string, unknown> {
  if (EndTime < BeginTime || Limit !== 0 || Offset !== 0)
    throw new VendorError(200, 'InvalidParameterValue.BeginTimeVerifyFail', 'BeginTime is after EndTime');
  const FeeCount = packages.charged({ from: BeginTime, to: new Date(EndTime.getTime() + HOUR_MS) });
  return { SendStatusStatistics: { FeeCount, RequestCount: FeeCount, RequestSuccessCount: FeeCount } };
}

function bought({ packages, now }: Deps, { BeginTime, EndTime, Limit, Offset }: Asked): Record<string, unknown> {
  if (EndTime <= BeginTime || EndTime >= now())
    throw new VendorError(200, 'InvalidParameterValue.EndTimeVerifyFail', 'EndTime must be before the current time');
  const SmsPackagesStatisticsSet = packages
    .list()
    .filter(({ effectiveAt }) => effectiveAt >= BeginTime && effectiveAt <= EndTime)
    .slice(Offset, Offset + Limit)
    .map(({ id, amount, effectiveAt, expiresAt, used }) => ({
      PackageCreateTime: seconds(effectiveAt),
      PackageEffectiveTime: seconds(effectiveAt),
      PackageExpiredTime: seconds(expiresAt),
      PackageAmount: amount,
      PackageType: 1,
      PackageId: id,
      CurrentUsage: used,
    }));
  return { SmsPackagesStatisticsSet };
}

function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
