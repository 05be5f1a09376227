import { AppError } from '@yunshang/contracts';
import type { TextGateway } from '../texts/member-texts.ts';
import { SmsRefused } from './sms-refused.ts';
import type { SmsGateway, SmsOutcome } from './sms.gateway.ts';
import { smsClient, type SmsApplication } from './tencent-sms-client.ts';

export type TencentSmsSettings = SmsApplication & {
  signName: string;
  templateId: string;
  /** The template's second parameter is how many minutes the code is valid; without it the code is its only one. */
  templateNamesMinutes?: boolean;
};

/** Frequency limits of one number, with the seconds after which another try can succeed at the earliest. */
const TOO_FREQUENT: ReadonlyMap<string, number> = new Map([
  ['LimitExceeded.PhoneNumberThirtySecondLimit', 30],
  ['LimitExceeded.DeliveryFrequencyLimit', 60],
  ['LimitExceeded.PhoneNumberOneHourLimit', 3_600],
  ['LimitExceeded.PhoneNumberSameContentDailyLimit', 3_600],
  ['LimitExceeded.PhoneNumberDailyLimit', 3_600],
]);
/** The connection was never made, so nothing was sent. */
const NOT_CONNECTED = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|CERT_|SELF_SIGNED/;
/** `InternalError.Timeout`; never Node's `ECONNRESET`. */
const VENDOR_CODE = /^(?=.*[a-z])[A-Za-z.]{1,80}$/;

/** Tencent Cloud SMS, SendSms of 2021-01-11. */
export function tencentSmsGateway(settings: TencentSmsSettings): SmsGateway {
  const send = senderOf(settings);
  return {
    sendCode: (phone, code, minutes) => send(phone, settings.templateNamesMinutes ? [code, String(minutes)] : [code]),
  };
}

/** The same for a template that is no code: its values are up to 12 characters each. */
export function tencentTextGateway(settings: Omit<TencentSmsSettings, 'templateNamesMinutes'>): TextGateway {
  return { sendText: senderOf(settings) };
}

type Send = (phone: string, params: readonly string[]) => Promise<SmsOutcome>;

function senderOf(settings: TencentSmsSettings): Send {
  const client = smsClient(settings);
  return async (phone, params) => {
    const request = {
      PhoneNumberSet: [phone],
      SmsSdkAppId: settings.sdkAppId,
      SignName: settings.signName,
      TemplateId: settings.templateId,
      TemplateParamSet: [...params],
    };
    const answer = await client.SendSms(request).catch((error: unknown) => refusalOrUnknown(error));
    return answer === 'unknown' ? { kind: answer } : outcomeOf(answer.SendStatusSet ?? []);
  };
}

/** What fails for a number is said in its status, inside an answer that succeeded. */
function outcomeOf(statuses: readonly { Code?: string; Fee?: number }[]): SmsOutcome {
  const [status] = statuses;
  if (status !== undefined && statuses.every(({ Code }) => Code === 'Ok'))
    return { kind: 'sent', segments: segmentsOf(status.Fee) };
  throw refusal(statuses.find(({ Code }) => Code !== 'Ok')?.Code);
}

/** Undefined for what is no count: a figure of the vendor's never turns a message that was sent into a failure. */
function segmentsOf(fee: unknown): number | undefined {
  return typeof fee === 'number' && Number.isSafeInteger(fee) && fee >= 0 ? fee : undefined;
}

/** An error the vendor answered is a refusal; anything else left us without an answer. */
function refusalOrUnknown(error: unknown): 'unknown' {
  const { code, httpCode, message } = readSdkError(error);
  if (code !== undefined) throw refusal(code);
  if (httpCode !== undefined) throw refusal(`Http.${httpCode >= 500 ? 'ServerError' : 'ClientError'}`);
  if (NOT_CONNECTED.test(message)) throw refusal('NotConnected');
  return 'unknown';
}

function refusal(code: string | undefined): AppError {
  const safe = code !== undefined && VENDOR_CODE.test(code) ? code : 'unrecognised';
  const options = { cause: new SmsRefused(safe) };
  const retryAfterSeconds = TOO_FREQUENT.get(safe);
  return retryAfterSeconds === undefined
    ? new AppError('SMS_UNAVAILABLE', {}, options)
    : new AppError('SMS_TOO_FREQUENT', { retryAfterSeconds }, options);
}

function readSdkError(error: unknown): { code?: string; httpCode?: number; message: string } {
  if (!(error instanceof Error)) return { message: '' };
  const { message } = error;
  if ('code' in error && typeof error.code === 'string' && VENDOR_CODE.test(error.code))
    return { message, code: error.code };
  if ('httpCode' in error && typeof error.httpCode === 'number') return { message, httpCode: error.httpCode };
  return { message };
}
