import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { SandboxConfig, SmsTemplate } from '../config.ts';
import type { FaultBoard } from '../faults.ts';
import type { TencentAction } from '../tencent/api.routes.ts';
import { VendorError } from '../vendor-call.ts';
import type { Outbox } from './outbox.ts';
import type { PackageBook } from './package-book.ts';

const params = z.object({
  PhoneNumberSet: z.array(z.string()).min(1).max(200),
  SmsSdkAppId: z.string(),
  TemplateId: z.string(),
  SignName: z.string().optional(),
  TemplateParamSet: z.array(z.string()).default([]),
  SessionContext: z.string().max(512).default(''),
});
type SendSms = z.output<typeof params>;

type Verdict = { code: 'Ok'; message: 'send success' } | { code: string; message: string };
type Deps = { sms: SandboxConfig['sms']; faults: FaultBoard; outbox: Outbox; packages: PackageBook; now: () => Date };

const DOMESTIC = /^\+86(1[3-9]\d{9})$/;
const FOREIGN = /^\+(?!86)\d{6,15}$/;
const CODE_PARAM = /^\d{0,6}$/;
const LONGEST_PARAM = 12;
const URL_PARAM = /https?:|www\.|\.(?:com|cn|net)\b/i;

/** SendSms of 2021-01-11: what fails for one number is said in that number's status, inside a successful answer. */
export function sendSmsAction(deps: Deps): TencentAction {
  return {
    vendor: 'sms',
    action: 'SendSms',
    version: '2021-01-11',
    needsRegion: true,
    idsOf(raw) {
      const phones = raw['PhoneNumberSet'];
      const first: unknown = Array.isArray(phones) ? phones[0] : undefined;
      return typeof first === 'string' ? { phone: first } : {};
    },
    perform(raw) {
      const parsed = params.safeParse(raw);
      if (!parsed.success) {
        const field = parsed.error.issues[0]?.path.join('.') ?? '';
        throw new VendorError(200, 'InvalidParameter', `The value of parameter \`${field}\` is not valid.`);
      }
      return { SendStatusSet: parsed.data.PhoneNumberSet.map((phone) => sendTo(deps, parsed.data, phone)) };
    },
  };
}

function sendTo(deps: Deps, request: SendSms, phone: string): Record<string, unknown> {
  const verdict = judge(deps, request, phone);
  const sent = verdict.code === 'Ok';
  const serialNo = sent ? `2640:${randomBytes(10).toString('hex')}` : '';
  if (sent) {
    deps.packages.charge(deps.now(), 1);
    const text = `【${request.SignName}】${fill(templateOf(deps.sms, request)?.text ?? '', request.TemplateParamSet)}`;
    deps.outbox.add({
      serialNo,
      phone,
      signName: request.SignName ?? '',
      templateId: request.TemplateId,
      params: request.TemplateParamSet,
      text,
      code: codeOf(deps.sms, request),
      sentAt: deps.now().toISOString(),
    });
  }
  return {
    SerialNo: serialNo,
    PhoneNumber: phone,
    Fee: sent ? 1 : 0,
    SessionContext: request.SessionContext,
    Code: verdict.code,
    Message: verdict.message,
    IsoCode: sent ? 'CN' : '',
  };
}

function judge({ sms, faults }: Deps, request: SendSms, phone: string): Verdict {
  const fault = faults.take({ vendor: 'sms', action: 'SendSms', ids: { phone } }, ['number_error']);
  if (fault !== undefined) return { code: fault.code, message: fault.message };
  if (!DOMESTIC.test(phone) && !FOREIGN.test(phone)) {
    return { code: 'InvalidParameterValue.IncorrectPhoneNumber', message: 'incorrect phone number' };
  }
  if (request.SmsSdkAppId !== sms.sdkAppId) {
    return { code: 'UnauthorizedOperation.SmsSdkAppIdVerifyFail', message: 'SmsSdkAppId verification failed' };
  }
  if (request.SignName !== sms.signName) {
    return { code: 'FailedOperation.SignatureIncorrectOrUnapproved', message: 'signature is incorrect or unapproved' };
  }
  const template = templateOf(sms, request);
  if (template === undefined) {
    return {
      code: 'FailedOperation.TemplateIncorrectOrUnapproved',
      message: 'template is not approved or does not exist',
    };
  }
  return judgeParams(template, request.TemplateParamSet);
}

function templateOf(sms: Deps['sms'], { TemplateId }: SendSms): SmsTemplate | undefined {
  return sms.templates.find(({ id }) => id === TemplateId);
}

function judgeParams({ text, kind }: SmsTemplate, values: string[]): Verdict {
  if (values.length !== placeholders(text)) {
    const message = 'template parameters do not match the approved template';
    return { code: 'FailedOperation.TemplateParamSetNotMatchApprovedTemplate', message };
  }
  if (kind === 'code' && !values.every((value) => CODE_PARAM.test(value))) {
    const message = 'parameters of a verification template are at most 6 digits';
    return { code: 'InvalidParameterValue.TemplateParameterFormatError', message };
  }
  if (values.some((value) => value.length > LONGEST_PARAM)) {
    return { code: 'InvalidParameterValue.TemplateParameterLengthLimit', message: 'a parameter is too long' };
  }
  if (values.some((value) => URL_PARAM.test(value))) {
    const message = 'a parameter holds an address';
    return { code: 'InvalidParameterValue.TemplateParameterFormatError', message };
  }
  return { code: 'Ok', message: 'send success' };
}

function codeOf(sms: Deps['sms'], request: SendSms): string | null {
  if (templateOf(sms, request)?.kind !== 'code') return null;
  return request.TemplateParamSet.find((param) => /^\d{4,6}$/.test(param)) ?? null;
}

function placeholders(template: string): number {
  return new Set(template.match(/\{\d+\}/g)).size;
}

function fill(template: string, values: string[]): string {
  return template.replace(/\{(\d+)\}/g, (_, index: string) => values[Number(index) - 1] ?? '');
}
