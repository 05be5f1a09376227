import type { FieldIssue, ProviderBody } from '@yunshang/contracts';
import type { z } from 'zod';
import { BUILTIN_ENDPOINTS } from '../providers/builtin.provider.ts';
import { providerCredentialsSchemas, providerSettingsSchemas } from '../providers/provider-settings.ts';
import { TENCENT_CI_ENDPOINTS } from '../providers/tencent-ci.provider.ts';
import { issueAt, issuesWithin, readShape } from './issues.ts';

/** Everything wrong with a provider of the right shape; settings are judged by what its kind needs. */
export function providerIssues(body: ProviderBody): FieldIssue[] {
  const settings = readShape<unknown>(settingsShape(body), body.settings);
  const address =
    body.kind === 'http' && body.baseUrl === null
      ? [
          issueAt(['baseUrl'], {
            rule: 'required',
            zh: 'http 类供应商需要地址',
            en: 'a provider of kind http needs an address',
            mend: { zh: '填写 https:// 开头的地址', en: 'give its address, https://…' },
          }),
        ]
      : [];
  return [
    ...address,
    ...secretHeaders(body),
    ...('issues' in settings ? issuesWithin(['settings'], settings.issues) : []),
  ];
}

const SECRET_HEADER = /authorization|cookie|key|secret|token|password/i;

/** Settings are shown and exported: a secret among them would leave. */
function secretHeaders({ kind, settings }: ProviderBody): FieldIssue[] {
  const headers = kind === 'http' ? settings?.['headers'] : undefined;
  if (typeof headers !== 'object' || headers === null) return [];
  return Object.entries(headers)
    .filter(([name, value]) => SECRET_HEADER.test(name) && typeof value === 'string' && !/\{\w+\}/.test(value))
    .map(([name]) =>
      issueAt(['settings', 'headers', name], {
        rule: 'secret',
        zh: '密钥不能写在 settings 中，它会被展示和导出',
        en: 'a secret may not be in settings, which are shown and exported',
        mend: {
          zh: '写入 credentials，并在此用 {名称} 引用',
          en: 'put it into credentials and name it here as {name}',
        },
      }),
    );
}

/** Everything wrong with credentials for this kind. No value is ever repeated. */
export function credentialIssues(kind: ProviderBody['kind'], credentials: unknown): FieldIssue[] {
  const read = readShape<unknown>(providerCredentialsSchemas[kind], credentials);
  return 'issues' in read ? issuesWithin(['credentials'], read.issues) : [];
}

/** A kind that calls with keys of its own, switched on without them. */
export function providerWarnings(body: ProviderBody, hasCredentials: boolean): FieldIssue[] {
  const needsOwn = !providerCredentialsSchemas[body.kind].safeParse(null).success;
  if (!body.isEnabled || !needsOwn || hasCredentials) return [];
  return [
    issueAt(['credentials'], {
      rule: 'required',
      zh: '已启用但没有凭证，调用会失败',
      en: 'switched on without credentials; calls will fail',
      mend: { zh: '填写 credentials', en: 'give credentials' },
    }),
  ];
}

/** The endpoints (or functions) a step may name; null for a provider that is not set up yet. */
export function endpointsOf(body: ProviderBody): readonly string[] | null {
  const { kind, settings } = body;
  if (kind === 'builtin') return BUILTIN_ENDPOINTS;
  if (kind === 'tencent_ci') return TENCENT_CI_ENDPOINTS;
  if (settings === null) return null;
  if (kind === 'runninghub') return namesIn(settings['workflows']);
  if (kind === 'scf') return namesIn(settings['functions']);
  return namesIn(settings['endpoints']);
}

/** What is switched off may still lack its settings. */
function settingsShape({ kind, isEnabled }: ProviderBody): z.ZodType {
  const shape = providerSettingsSchemas[kind];
  return isEnabled ? shape : shape.nullable();
}

function namesIn(value: unknown): string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}
