import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { RunningHubAccountConfig } from '../config.ts';
import { parseJsonObject, rawBody } from '../http.ts';
import type { Answer } from '../vendor-call.ts';
import { envelope, envelopeRefusal, hubError, jsonAnswer, withNumberIds } from './codes.ts';
import { readForm, runHubCall, type HubDeps } from './hub-call.ts';
import { outputsAnswer } from './outputs.ts';
import { NODES } from './run-request.ts';
import { idsOfProgram, PROMPT_TIPS, startTask, type Program } from './start-task.ts';
import { bentBy, type Task } from './task.ts';

/** The first version: the key in every body, `{code, msg, data}` inside HTTP 200. */
export function registerHubV1(app: FastifyInstance, deps: HubDeps): void {
  registerStarts(app, deps);
  registerTasks(app, deps);
  registerUpload(app, deps);
  registerAccount(app, deps);
}

function registerStarts(app: FastifyInstance, deps: HubDeps): void {
  const starts = [
    { path: '/task/openapi/create', action: 'CreateTask', id: 'workflowId' },
    { path: '/task/openapi/ai-app/run', action: 'RunAiApp', id: 'webappId' },
    { path: '/task/openapi/quick-ai-app/run', action: 'RunQuickAiApp', id: 'webappId' },
  ] as const;
  for (const { path, action, id } of starts) {
    app.post(path, (request, reply) => {
      const body = bodyOf(request);
      const program: Program = id === 'workflowId' ? { workflowId: body[id] } : { webappId: body[id] };
      return runHubCall(
        deps,
        { request, reply },
        {
          action,
          bodyKey: body['apiKey'],
          keyIn: 'body',
          ids: idsOfProgram(program),
          async perform(account, note) {
            return startedAnswer(await startTask(deps, account, { request, action, program }, note));
          },
          refuse: envelopeRefusal,
        },
      );
    });
  }
}

function registerTasks(app: FastifyInstance, deps: HubDeps): void {
  const calls = [
    { path: '/task/openapi/status', action: 'TaskStatus', answer: (task: Task) => envelope(task.state.name) },
    { path: '/task/openapi/outputs', action: 'TaskOutputs', answer: outputsAnswer },
    {
      path: '/task/openapi/cancel',
      action: 'CancelTask',
      answer(task: Task) {
        deps.hub.tasks.cancel(task);
        return envelope(null);
      },
    },
  ];
  for (const { path, action, answer } of calls) {
    app.post(path, (request, reply) => {
      const body = bodyOf(request);
      const taskId = body['taskId'];
      return runHubCall(
        deps,
        { request, reply },
        {
          action,
          bodyKey: body['apiKey'],
          keyIn: 'body',
          ids: typeof taskId === 'string' ? { taskId } : {},
          perform: (account) => jsonAnswer(answer(findTask(deps, account, taskId))),
          refuse: envelopeRefusal,
        },
      );
    });
  }
}

function registerUpload(app: FastifyInstance, deps: HubDeps): void {
  app.post('/task/openapi/upload', async (request, reply) => {
    const form = await readForm(request, rawBody(request));
    return runHubCall(
      deps,
      { request, reply },
      {
        action: 'Upload',
        bodyKey: form?.get('apiKey'),
        keyIn: 'body',
        async perform(account, note) {
          const file = form?.get('file');
          if (!(file instanceof File)) throw hubError('808');
          const stored = deps.hub.files.put(account.name, file.name, Buffer.from(await file.arrayBuffer()));
          note({ fileName: stored.fileName });
          return jsonAnswer(envelope({ fileName: stored.fileName, fileType: form?.get('fileType') ?? 'input' }));
        },
        refuse: envelopeRefusal,
      },
    );
  });
}

function registerAccount(app: FastifyInstance, deps: HubDeps): void {
  app.post('/uc/openapi/accountStatus', (request, reply) => {
    return runHubCall(
      deps,
      { request, reply },
      {
        action: 'AccountStatus',
        bodyKey: bodyOf(request)['apikey'],
        keyIn: 'body',
        perform: (account) => jsonAnswer(envelope(accountStatus(deps, account))),
        refuse: envelopeRefusal,
      },
    );
  });
  app.post('/api/openapi/getJsonApiFormat', (request, reply) => {
    const body = bodyOf(request);
    return runHubCall(
      deps,
      { request, reply },
      {
        action: 'GetJsonApiFormat',
        bodyKey: body['apiKey'],
        keyIn: 'body',
        perform: () => jsonAnswer(envelope({ prompt: promptOfNodes() })),
        refuse: envelopeRefusal,
      },
    );
  });
}

/** An empty wallet shows itself here while that fault waits for a creation. */
function accountStatus({ faults, hub }: HubDeps, { name }: RunningHubAccountConfig): Record<string, unknown> {
  const isEmpty = faults
    .list()
    .some((fault) => fault.kind === 'empty_wallet' && (fault.match.account ?? name) === name);
  const { milliYuan, coins } = hub.wallets.left(name);
  return {
    remainCoins: isEmpty ? '0' : String(coins),
    currentTaskCounts: String(hub.tasks.unfinished(name).length),
    remainMoney: isEmpty ? '0.000' : (milliYuan / 1000).toFixed(3),
    currency: 'CNY',
    apiType: name === 'a' ? 'SHARED' : 'NORMAL',
  };
}

/** The account's own task; 807 for any other. */
export function findTask({ hub }: HubDeps, account: RunningHubAccountConfig, id: unknown): Task {
  const task = typeof id === 'string' ? hub.tasks.find(account.name, id) : undefined;
  if (task === undefined || task.isForgotten === true) throw hubError('807');
  return task;
}

function startedAnswer(task: Task): Answer {
  const answer = jsonAnswer(
    envelope({
      netWssUrl: null,
      taskId: task.id,
      clientId: randomBytes(16).toString('hex'),
      taskStatus: task.state.name,
      promptTips: PROMPT_TIPS,
    }),
  );
  return bentBy(task, 'number_ids') === undefined ? answer : withNumberIds(answer);
}

function promptOfNodes(): string {
  const nodes = Object.entries(NODES).map(([id, fields]) => {
    return [id, { inputs: Object.fromEntries(fields.map((field) => [field, ''])), class_type: 'SandboxNode' }];
  });
  return JSON.stringify(Object.fromEntries(nodes));
}

function bodyOf(request: FastifyRequest): Record<string, unknown> {
  return parseJsonObject(rawBody(request)) ?? {};
}
