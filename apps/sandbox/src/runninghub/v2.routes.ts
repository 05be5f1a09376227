import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { parseJsonObject, rawBody } from '../http.ts';
import { flatRefusal, hubError, jsonAnswer, withNumberIds } from './codes.ts';
import { readForm, runHubCall, type HubDeps } from './hub-call.ts';
import { costOf, costTimeS, filesOf, urlOf } from './outputs.ts';
import { idsOfProgram, PROMPT_TIPS, startTask, type Program } from './start-task.ts';
import { bentBy, type Task } from './task.ts';
import { findTask } from './v1.routes.ts';

type ById = { Params: { id: string } };

/** The second version: the key as a Bearer token, flat answers, codes as text. */
export function registerHubV2(app: FastifyInstance, deps: HubDeps): void {
  registerRuns(app, deps);
  registerQuery(app, deps);
  registerMedia(app, deps);
  app.get('/openapi/v2/queue/status', (request, reply) =>
    runHubCall(
      deps,
      { request, reply },
      {
        action: 'QueueStatus',
        keyIn: 'bearer',
        perform: ({ name }) => jsonAnswer(queueStatus(deps, name)),
        refuse: flatRefusal,
      },
    ),
  );
}

function registerRuns(app: FastifyInstance, deps: HubDeps): void {
  const runs = [
    { path: '/openapi/v2/run/workflow/:id', action: 'RunWorkflow', program: (id: string) => ({ workflowId: id }) },
    { path: '/openapi/v2/run/ai-app/:id', action: 'RunAiApp', program: (id: string) => ({ webappId: id }) },
  ];
  for (const { path, action, program } of runs) {
    app.post<ById>(path, (request, reply) => {
      const asked: Program = program(request.params.id);
      return runHubCall(
        deps,
        { request, reply },
        {
          action,
          keyIn: 'bearer',
          ids: idsOfProgram(asked),
          async perform(account, note) {
            return taskAnswer(await startTask(deps, account, { request, action, program: asked }, note));
          },
          refuse: flatRefusal,
        },
      );
    });
  }
}

function registerQuery(app: FastifyInstance, deps: HubDeps): void {
  app.post('/openapi/v2/query', (request, reply) => {
    const taskId = parseJsonObject(rawBody(request))?.['taskId'];
    return runHubCall(
      deps,
      { request, reply },
      {
        action: 'QueryTask',
        keyIn: 'bearer',
        ids: typeof taskId === 'string' ? { taskId } : {},
        perform: (account) => taskAnswer(findTask(deps, account, taskId)),
        refuse: flatRefusal,
      },
    );
  });
}

function registerMedia(app: FastifyInstance, deps: HubDeps): void {
  app.post('/openapi/v2/media/upload/binary', async (request, reply) => {
    const form = await readForm(request, rawBody(request));
    return runHubCall(
      deps,
      { request, reply },
      {
        action: 'UploadMedia',
        keyIn: 'bearer',
        async perform(account, note) {
          const file = form?.get('file');
          if (!(file instanceof File)) throw hubError('808');
          const { fileName, bytes } = deps.hub.files.put(
            account.name,
            file.name,
            Buffer.from(await file.arrayBuffer()),
          );
          note({ fileName });
          const download_url = `http://${request.host}/runninghub-media/${fileName}`;
          return jsonAnswer({
            code: 0,
            message: 'success',
            data: { type: 'image', download_url, fileName, size: String(bytes.length) },
          });
        },
        refuse: flatRefusal,
      },
    );
  });
}

function taskAnswer(task: Task) {
  const { state } = task;
  const answer = jsonAnswer({
    taskId: task.id,
    status: state.name,
    errorCode: state.name === 'FAILED' ? '805' : '',
    errorMessage: state.name === 'FAILED' ? state.reason.exception_message : '',
    failedReason: state.name === 'FAILED' ? state.reason : {},
    results: state.name === 'SUCCESS' ? resultsOf(task) : null,
    usage:
      state.name === 'SUCCESS' || task.usage !== undefined ? { ...costOf(task), taskCostTime: costTimeS(task) } : null,
    clientId: randomBytes(16).toString('hex'),
    promptTips: PROMPT_TIPS,
  });
  return bentBy(task, 'number_ids') === undefined ? answer : withNumberIds(answer);
}

function resultsOf(task: Task): Record<string, unknown>[] {
  return filesOf(task).map((file) => ({
    url: urlOf(task, file),
    nodeId: '100',
    outputType: file.type,
    text: null,
  }));
}

function queueStatus({ hub }: HubDeps, account: string): Record<string, unknown> {
  const tasks = hub.tasks.unfinished(account);
  const queuedCount = tasks.filter((task) => task.state.name === 'QUEUED').length;
  return {
    apiKeyType: account === 'a' ? 'SHARED' : 'NORMAL',
    concurrentLimit: hub.tasks.settings.concurrency[account] ?? 0,
    runningCount: tasks.length - queuedCount,
    queuedCount,
    totalCurrentTasks: tasks.length,
  };
}
