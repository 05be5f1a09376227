import type { FastifyRequest } from 'fastify';
import type { CallIds } from '../call-log.ts';
import type { RunningHubAccountConfig } from '../config.ts';
import { parseJsonObject, rawBody } from '../http.ts';
import type { HubDeps } from './hub-call.ts';
import { productOfWebapp, productOfWorkflow, readRunRequest } from './run-request.ts';
import type { Task } from './task.ts';

export type Program = { workflowId: unknown } | { webappId: unknown };

/** The ids a call names before it is known whether they are right. */
export function idsOfProgram(program: Program): Record<string, string> {
  return Object.fromEntries(
    Object.entries(program).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

type Start = { request: FastifyRequest; action: string; program: Program };

/** Checks the whole request and admits the task. */
export async function startTask(
  { config, hub }: HubDeps,
  account: RunningHubAccountConfig,
  { request, action, program }: Start,
  note: (ids: CallIds) => void,
): Promise<Task> {
  const product =
    'workflowId' in program
      ? productOfWorkflow(config.runninghub, account, program.workflowId)
      : productOfWebapp(config.runninghub, program.webappId);
  const asked = readRunRequest(parseJsonObject(rawBody(request)), hub.files, account.name);
  const task = await hub.tasks.create({
    ...asked,
    action,
    product,
    account: account.name,
    ids: { account: account.name, ...idsOfProgram(program) },
    origin: `http://${request.host}`,
  });
  note({ taskId: task.id });
  return task;
}

export const PROMPT_TIPS = JSON.stringify({ result: true, error: null, outputs_to_execute: ['100'], node_errors: {} });
