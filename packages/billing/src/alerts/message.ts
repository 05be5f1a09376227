import { createHmac } from 'node:crypto';
import { assertNever, type AlertFormat } from '@yunshang/contracts';
import { textOf, type ToldAlert } from './wording.ts';

/** Where a target listens, and what signs for it; null for WeCom, whose address is its key. */
export type Address = { url: string; secret: string | null };
export type Message = { headers: Record<string, string>; body: string };

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

/** The alert as the target's format wants it, signed at `at`. Pure. */
export function messageOf(
  alert: ToldAlert,
  { format, secret, at }: { format: AlertFormat; secret: string | null; at: Date },
): Message {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const text = textOf(alert);
  switch (format) {
    case 'wecom':
      return { headers: JSON_TYPE, body: JSON.stringify({ msgtype: 'text', text: { content: text } }) };
    case 'feishu': {
      // Feishu signs nothing with a key that holds both.
      const sign = createHmac('sha256', `${timestamp}\n${secret}`).digest('base64');
      return { headers: JSON_TYPE, body: JSON.stringify({ timestamp, sign, msg_type: 'text', content: { text } }) };
    }
    case 'json': {
      const { id, kind, details, createdAt } = alert;
      const body = JSON.stringify({ id, kind, text, details, createdAt: createdAt.toISOString() });
      const signature = createHmac('sha256', secret ?? '')
        .update(`${timestamp}.${body}`)
        .digest('hex');
      const headers = { 'x-yunshang-timestamp': timestamp, 'x-yunshang-signature': `v1=${signature}` };
      return { headers: { ...JSON_TYPE, ...headers }, body };
    }
    default:
      return assertNever(format);
  }
}

/** Why the target did not take it, as a word without any of its text; undefined when it did. Robots refuse inside HTTP 200. */
export function refusalOf(format: AlertFormat, answer: { status: number; body: Buffer }): string | undefined {
  if (answer.status < 200 || answer.status > 299) return `http_${answer.status}`;
  if (format === 'json') return undefined;
  const code = codeOf(answer.body, format === 'wecom' ? 'errcode' : 'code');
  return code === 0 ? undefined : `code_${code ?? 'missing'}`;
}

function codeOf(body: Buffer, name: string): number | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    const code: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
    return typeof code === 'number' ? code : undefined;
  } catch {
    return undefined;
  }
}
