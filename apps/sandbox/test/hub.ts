import { renderSampleGarment } from '@yunshang/image-engine';
import { expect, vi } from 'vitest';
import type { RunningSandbox } from './sandbox.ts';

export type HubAnswer = { code: number; msg: string; data: Record<string, unknown> & string };
export type Row = { fileUrl: string; fileType: string; consumeMoney: string | null; consumeCoins: string | null };

/** A caller of the first version with one account's key. */
export function hubClient(sandbox: RunningSandbox, account: 'A' | 'B' = 'A', options: { timeoutMs?: number } = {}) {
  const apiKey = sandbox.client[`runninghubKey${account}`];
  const signal = () => AbortSignal.timeout(options.timeoutMs ?? 10_000);
  const post = async (path: string, body: Record<string, unknown>): Promise<HubAnswer> => {
    const answer = await fetch(`${sandbox.baseUrl}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
      body: JSON.stringify({ apiKey, ...body }),
      signal: signal(),
    });
    return (await answer.json()) as HubAnswer;
  };
  const upload = async (bytes: Uint8Array, name = 'photo.jpg'): Promise<HubAnswer> => {
    const form = new FormData();
    form.set('apiKey', apiKey);
    form.set('fileType', 'input');
    form.set('file', new Blob([new Uint8Array(bytes)]), name);
    const answer = await fetch(`${sandbox.baseUrl}/task/openapi/upload`, {
      method: 'POST',
      body: form,
      signal: signal(),
    });
    return (await answer.json()) as HubAnswer;
  };
  const create = (fileName: unknown, more: Record<string, unknown> = {}): Promise<HubAnswer> =>
    post('/task/openapi/create', {
      workflowId: sandbox.client[`runninghubPoseWorkflow${account}`],
      nodeInfoList: photoNode(fileName),
      ...more,
    });
  return {
    apiKey,
    post,
    upload,
    create,
    async uploaded(): Promise<string> {
      return String((await upload(await renderSampleGarment()))['data']['fileName']);
    },
    /** The id of a new task of the pose workflow. */
    async started(more: Record<string, unknown> = {}): Promise<string> {
      return String((await create(await this.uploaded(), more)).data['taskId']);
    },
    outputs: (taskId: string) => post('/task/openapi/outputs', { taskId }),
    /** The answer of `/outputs` once it is neither queued nor running. */
    async ended(taskId: string): Promise<{ code: number; data: unknown }> {
      return vi.waitFor(
        async () => {
          const answer = await this.outputs(taskId);
          expect([0, 805]).toContain(answer.code);
          expect(answer.msg).not.toBe('任务正在运行中');
          return answer;
        },
        { timeout: 5_000, interval: 20 },
      );
    },
    async rows(taskId: string): Promise<Row[]> {
      const { code, data } = await this.ended(taskId);
      expect(code).toBe(0);
      return data as Row[];
    },
  };
}

export function photoNode(fileName: unknown): Record<string, unknown>[] {
  return [{ nodeId: '10', fieldName: 'image', fieldValue: fileName }];
}

/** The bytes behind a result's address. */
export async function download(url: string): Promise<{ status: number; type: string | null; bytes: Buffer }> {
  const answer = await fetch(url, { redirect: 'manual' });
  const bytes = Buffer.from(await answer.arrayBuffer());
  return { status: answer.status, type: answer.headers.get('content-type'), bytes };
}
