import { z } from 'zod';
import type { RunningHubAccountConfig, RunningHubConfig } from '../config.ts';
import { hubError } from './codes.ts';
import type { HubFiles } from './files.ts';
import type { Product } from './task.ts';

/** The nodes of every workflow and app here, and the fields of each that may be set. */
export const NODES: Readonly<Record<string, readonly string[]>> = {
  '10': ['image'],
  '20': ['text'],
  '30': ['text'],
  '40': ['seed'],
};
const PHOTO_NODE = '10';

const nodeValue = z.union([z.string(), z.number(), z.boolean()]);
const nodeInfo = z.object({ nodeId: z.string().min(1), fieldName: z.string().min(1), fieldValue: nodeValue });
const runBody = z.looseObject({
  nodeInfoList: z.array(nodeInfo).default([]),
  webhookUrl: z.url({ protocol: /^https?$/ }).optional(),
  instanceType: z.enum(['default', 'plus']).optional(),
  usePersonalQueue: z.union([z.boolean(), z.enum(['true', 'false'])]).optional(),
  addMetadata: z.boolean().optional(),
});

export type RunRequest = { photo: Buffer; webhookUrl: string | undefined };

/** What a run may ask: refuses a wrong shape (301), unknown nodes (803) and a photo that was not uploaded (433). */
export function readRunRequest(body: unknown, files: HubFiles, account: string): RunRequest {
  const parsed = runBody.safeParse(body);
  if (!parsed.success) throw invalidParams(parsed.error);
  const { nodeInfoList, webhookUrl } = parsed.data;
  for (const { nodeId, fieldName } of nodeInfoList) {
    if (NODES[nodeId]?.includes(fieldName) !== true) throw hubError('803');
  }
  const photo = nodeInfoList.find(({ nodeId }) => nodeId === PHOTO_NODE)?.fieldValue;
  const file = typeof photo === 'string' ? files.find(account, fileNameIn(photo)) : undefined;
  if (file === undefined) {
    throw hubError('433', undefined, `VALIDATE_PROMPT_FAILED: Invalid image file: ${String(photo ?? '')}`);
  }
  return { photo: file.bytes, webhookUrl };
}

/** What the account's workflow makes; one of another account does not exist for it. */
export function productOfWorkflow(config: RunningHubConfig, account: RunningHubAccountConfig, id: unknown): Product {
  if (typeof id !== 'string') throw hubError('301', undefined, 'PARAMS_INVALID: workflowId');
  if (id === config.unsavedWorkflowId) throw hubError('810');
  if (id === account.poseWorkflowId) return 'pose';
  if (id === account.videoWorkflowId) return 'video';
  throw hubError('380');
}

export function productOfWebapp(config: RunningHubConfig, id: unknown): Product {
  if (typeof id !== 'string') throw hubError('301', undefined, 'PARAMS_INVALID: webappId');
  if (id === config.poseWebappId) return 'pose';
  if (id === config.videoWebappId) return 'video';
  throw hubError('901');
}

export function invalidParams(error: z.ZodError) {
  return hubError('301', undefined, `PARAMS_INVALID: ${error.issues[0]?.path.join('.') ?? ''}`);
}

/** The name inside the address that the second version's upload answers, or the name itself. */
function fileNameIn(value: string): string {
  return /\/(api\/[^/?]+)(?:\?|$)/.exec(value)?.[1] ?? value;
}
