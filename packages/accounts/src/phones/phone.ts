import { inputInvalid, phoneSchema } from '@yunshang/contracts';

/** Refuses what is not a mainland mobile number in E.164; the error does not repeat it. */
export function assertPhone(phone: string): void {
  if (phoneSchema.safeParse(phone).success) return;
  throw inputInvalid('phone', 'pattern', {
    zh: '请输入有效的中国大陆手机号',
    en: 'must be a mainland mobile number such as +8613800138000',
  });
}

/** `+8613800138000` → `138****8000`. */
export function maskPhone(phone: string): string {
  const national = phone.replace(/^\+86/, '');
  return `${national.slice(0, 3)}****${national.slice(-4)}`;
}
