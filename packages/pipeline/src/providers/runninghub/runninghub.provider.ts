import { z } from 'zod';
import type { Storage } from '../../storage/storage.ts';
import { downloadAll } from '../download.ts';
import {
  CONTENT_REFUSED,
  INPUT_GONE,
  isFileRef,
  ProviderFailure,
  type FileRef,
  type ProducedFile,
  type Provider,
  type ProviderCall,
  type ProviderResult,
  type SubmittedWork,
  type VendorAccount,
  type WorkConsumption,
  type WorkState,
} from '../provider.ts';
import type { RunningHubSettings, Workflow } from '../provider-settings.ts';
import type { VendorHttp } from '../vendor-http.ts';
import {
  HUB_FAILED,
  HUB_NOT_FOUND,
  HUB_OK,
  HUB_QUEUED,
  HUB_RUNNING,
  hubFailure,
  hubIdSchema,
  type HubAnswer,
} from './hub-answer.ts';
import { createHubApi, type HubApi } from './hub-api.ts';
import { costOf, microYuanOf, readRows, sortOut, type HubRow } from './hub-outputs.ts';

export type RunningHubDeps = {
  ref: string;
  baseUrl: string;
  apiKey: string;
  settings: RunningHubSettings;
  http: VendorHttp;
  storage: Storage;
  /** Where the vendor may tell that a task has ended; the token is appended. Without it we only ask. */
  hintUrl?: string;
};

type Hub = RunningHubDeps & { api: HubApi };

const submittedSchema = z.looseObject({ taskId: hubIdSchema });
const uploadedSchema = z.looseObject({ fileName: z.string().min(1).max(300) });

/**
 * RunningHub: a workflow or AI app works in the background; the results are copied to us as soon as they are there. Creating has
 * no idempotency key, so a lost answer is only ever found by the hint that names the attempt.
 */
export function createRunningHubProvider(deps: RunningHubDeps): Provider {
  const hub: Hub = { ...deps, api: createHubApi(deps) };
  return {
    ref: deps.ref,
    probe: async (signal) => {
      const answer = await hub.api.ask('/uc/openapi/accountStatus', { apikey: deps.apiKey }, signal);
      if (answer.code !== HUB_OK) throw hubFailure(answer.code);
    },
    account: (signal) => accountOf(hub, signal),
    consumption: (vendorRef, signal) => consumptionOf(hub, vendorRef, signal),
    background: {
      unknownMs: deps.settings.unknownWaitSeconds * 1000,
      submit: (call) => submit(hub, call),
      check: (call, work) => check(hub, call, work),
      stop: (call, work) => stop(hub, call, work),
    },
  };
}

const amount = z.union([z.string(), z.number()]).nullish();
const accountSchema = z.looseObject({ remainMoney: amount, remainCoins: amount });

async function accountOf(hub: Hub, signal: AbortSignal): Promise<VendorAccount> {
  const answer = await hub.api.ask('/uc/openapi/accountStatus', { apikey: hub.apiKey }, signal);
  if (answer.code !== HUB_OK) throw hubFailure(answer.code);
  const { remainMoney, remainCoins } = accountSchema.safeParse(answer.data).data ?? {};
  if ((remainMoney ?? remainCoins) === undefined || (remainMoney ?? remainCoins) === null)
    throw new ProviderFailure('vendor', 'answer_unreadable', { costMicroYuan: 0 });
  const [microYuan, microCoins] = [leftOf(remainMoney), leftOf(remainCoins)];
  const { lowMicroYuan, lowCoins, microYuanPerCoin } = hub.settings;
  const isLow = microYuan < lowMicroYuan && microCoins < lowCoins * 1_000_000;
  return { microYuan, microCoins, microYuanPerCoin, isLow };
}

/** An account has money, coins or both; a figure that can not be read is no zero. */
function leftOf(value: string | number | null | undefined): number {
  if (value === null || value === undefined) return 0;
  const left = microYuanOf(value);
  if (left === undefined) throw new ProviderFailure('vendor', 'answer_unreadable', { costMicroYuan: 0 });
  return left;
}

/** Of the second interface, which also says it of work that failed. */
async function consumptionOf(hub: Hub, vendorRef: string, signal: AbortSignal): Promise<WorkConsumption> {
  const { status, errorCode, usage } = await hub.api.query(vendorRef, signal);
  if (status === '' && GONE.has(errorCode ?? '')) return { state: 'unknown' };
  if (status === 'QUEUED' || status === 'RUNNING' || status === 'CREATE') return { state: 'under_way' };
  if (status !== 'SUCCESS' && status !== 'FAILED') throw hubFailure(Number(errorCode) || 500);
  const costMicroYuan = usage === null || usage === undefined ? undefined : costOf([usage], hub.settings);
  return costMicroYuan === undefined ? { state: 'silent' } : { state: 'told', costMicroYuan };
}

/** The second interface's codes are text; both say that there is no such task of ours. */
const GONE = new Set(['423', '807', '1004']);

async function submit(hub: Hub, call: ProviderCall & { hintToken: string }): Promise<{ vendorRef: string }> {
  const workflow = hub.settings.workflows[call.endpoint];
  if (workflow === undefined) throw new ProviderFailure('our_account', 'endpoint_unknown', { costMicroYuan: 0 });
  const nodeInfoList = await fillNodes(hub, workflow, call);
  const { workflowId, webappId, instanceType } = workflow;
  const path = webappId === undefined ? '/task/openapi/create' : '/task/openapi/ai-app/run';
  const body = {
    ...(webappId === undefined ? { workflowId } : { webappId }),
    nodeInfoList,
    ...(instanceType === undefined ? {} : { instanceType }),
    ...(hub.hintUrl === undefined ? {} : { webhookUrl: `${hub.hintUrl}/${call.hintToken}` }),
  };
  const answer = await hub.api.begin(path, body, call.signal);
  if (answer.code !== HUB_OK) throw hubFailure(answer.code);
  const submitted = submittedSchema.safeParse(answer.data);
  if (!submitted.success) throw new ProviderFailure('unknown_outcome', 'answer_unreadable');
  return { vendorRef: submitted.data.taskId };
}

type NodeInfo = { nodeId: string; fieldName: string; fieldValue: string };

/** An entry that the step's input does not have keeps the workflow's own value. */
async function fillNodes(hub: Hub, workflow: Workflow, call: ProviderCall): Promise<NodeInfo[]> {
  const filled: NodeInfo[] = [];
  for (const { nodeId, fieldName, from, value, words } of workflow.nodes) {
    const given = from === undefined ? value : call.input[from];
    if (given === undefined || given === null) continue;
    const text = isFileRef(given) ? await upload(hub, given, call.signal) : wordsOf(given);
    filled.push({ nodeId, fieldName, fieldValue: words?.[text] ?? text });
  }
  return filled;
}

function wordsOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : JSON.stringify(value);
}

async function upload(hub: Hub, file: FileRef, signal: AbortSignal): Promise<string> {
  const bytes = await hub.storage.get(file.file);
  if (bytes === undefined) throw new ProviderFailure('member_input', INPUT_GONE, { costMicroYuan: 0 });
  const name = file.file.slice(file.file.lastIndexOf('/') + 1);
  const answer = await hub.api.upload({ name, bytes, contentType: file.contentType }, signal);
  if (answer.code !== HUB_OK) throw hubFailure(answer.code);
  const uploaded = uploadedSchema.safeParse(answer.data);
  if (!uploaded.success) throw new ProviderFailure('vendor', 'upload_unreadable', { costMicroYuan: 0 });
  return uploaded.data.fileName;
}

async function check(hub: Hub, call: ProviderCall, work: SubmittedWork): Promise<WorkState> {
  const answer = await hub.api.ask('/task/openapi/outputs', { taskId: work.vendorRef ?? '' }, call.signal);
  const { code, data } = answer;
  if (code === HUB_RUNNING || isStillRunning(answer)) return { status: 'RUNNING' };
  if (code === HUB_QUEUED) return { status: 'QUEUED' };
  if (code === HUB_FAILED) return { status: 'FAILED', failure: reasonOf(data) };
  if (HUB_NOT_FOUND.has(code)) return { status: 'FAILED', failure: new ProviderFailure('vendor', 'task_gone') };
  if (code !== HUB_OK) throw hubFailure(code);
  const rows = readRows(data);
  const costMicroYuan = costOf(rows, hub.settings);
  return {
    status: 'SUCCESS',
    ...(costMicroYuan === undefined ? {} : { costMicroYuan }),
    collect: () => collect(hub, call, rows),
  };
}

/** The older answer: success without anything. */
function isStillRunning({ code, data }: HubAnswer): boolean {
  return code === HUB_OK && (data === null || data === undefined);
}

const failedSchema = z.looseObject({ failedReason: z.looseObject({ exception_type: z.string().nullish() }).nullish() });
const CONTENT = /content|nsfw|sensitive|moderation/i;

function reasonOf(data: unknown): ProviderFailure {
  const type = failedSchema.safeParse(data).data?.failedReason?.exception_type ?? '';
  return CONTENT.test(type)
    ? new ProviderFailure('member_input', CONTENT_REFUSED)
    : new ProviderFailure('vendor', 'work_failed');
}

async function collect(hub: Hub, call: ProviderCall, rows: readonly HubRow[]): Promise<ProviderResult> {
  const workflow = hub.settings.workflows[call.endpoint];
  if (workflow === undefined) throw new ProviderFailure('our_account', 'endpoint_unknown');
  const files: Record<string, ProducedFile | ProducedFile[]> = {};
  for (const { name, many, files: wanted } of sortOut(rows, workflow.outputs)) {
    const got = await downloadAll(hub.http, wanted, { hosts: hub.settings.resultHosts, signal: call.signal });
    const [first] = got;
    if (many) files[name] = got;
    else if (first !== undefined) files[name] = first;
  }
  return { output: {}, files };
}

/** Work that was still queued and is gone afterwards was not billed; of anything else only the vendor's own figure is believed. */
async function stop(
  hub: Hub,
  call: ProviderCall,
  work: SubmittedWork,
): Promise<{ billed: boolean; costMicroYuan?: number }> {
  const before = await check(hub, call, work).catch(() => undefined);
  await hub.api.ask('/task/openapi/cancel', { taskId: work.vendorRef ?? '' }, call.signal).catch(() => undefined);
  const after = await check(hub, call, work).catch(() => undefined);
  const costMicroYuan = after?.costMicroYuan ?? before?.costMicroYuan;
  if (costMicroYuan !== undefined) return { billed: costMicroYuan > 0, costMicroYuan };
  const isUnbilled = before?.status === 'QUEUED' && after?.status === 'FAILED';
  return isUnbilled ? { billed: false, costMicroYuan: 0 } : { billed: true };
}
