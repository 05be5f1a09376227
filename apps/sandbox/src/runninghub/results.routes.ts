import type { FastifyInstance } from 'fastify';
import { runVendorCall, sendSlowly, VendorError, type Answer } from '../vendor-call.ts';
import type { HubDeps } from './hub-call.ts';
import { filesOf, RESULT_PATH } from './outputs.ts';
import { bentBy, type Task } from './task.ts';

type ByFile = { Params: { token: string; file: string } };

/** How long results stay; the vendor's own figure is not published. */
const RETENTION_MS = 24 * 3_600_000;
const TYPES = { jpg: 'image/jpeg', mp4: 'video/mp4' } as const;

/** The host results are fetched from: open to whoever knows the address, until it expires. */
export function registerHubResults(app: FastifyInstance, deps: HubDeps): void {
  app.get<ByFile>(`${RESULT_PATH}/:token/:file`, async (request, reply) => {
    const { token, file } = request.params;
    const task = deps.hub.tasks.findByResultToken(token);
    const ids = { ...(task === undefined ? {} : { ...task.ids, taskId: task.id }), file };
    const trickle = task === undefined ? undefined : bentBy(task, 'result_trickle');
    if (task !== undefined && trickle !== undefined) {
      deps.log.add({ vendor: 'runninghub', action: 'GetResult', ids, status: 200, fault: trickle.kind });
      return sendSlowly(reply, await resultAnswer(deps, task, file), trickle.ms);
    }
    return runVendorCall(deps, reply, {
      vendor: 'runninghub',
      action: 'GetResult',
      ids,
      perform: () => {
        if (task === undefined) throw gone();
        return resultAnswer(deps, task, file);
      },
      refuse: xmlRefusal,
    });
  });
}

async function resultAnswer({ hub, now }: HubDeps, task: Task, name: string): Promise<Answer> {
  const files = filesOf(task);
  const file = files.find((candidate) => candidate.name === name);
  if (file === undefined || task.state.name !== 'SUCCESS') throw gone();
  const isLate = now().getTime() - task.state.endedAt.getTime() > RETENTION_MS;
  if (isLate || bentBy(task, 'result_expired') !== undefined) throw expired();
  const redirect = bentBy(task, 'result_redirect');
  if (redirect !== undefined) {
    return { status: 302, headers: { Location: redirect.location }, body: Buffer.alloc(0) };
  }
  const { draughtsman } = hub;
  const whole =
    file.type === 'mp4'
      ? await draughtsman.film(task.photo)
      : await draughtsman.picture(task.photo, file.index, files.length);
  const isCorrupt = bentBy(task, 'corrupt_picture')?.index === file.index;
  return { status: 200, headers: { 'Content-Type': TYPES[file.type] }, body: isCorrupt ? damaged(whole) : whole };
}

/** Begins like the file it is, and is none. */
function damaged(whole: Buffer): Buffer {
  return Buffer.concat([whole.subarray(0, 64), Buffer.alloc(256, 0x5a)]);
}

function gone(): VendorError {
  return new VendorError(404, 'NoSuchKey', 'The specified key does not exist.');
}

function expired(): VendorError {
  return new VendorError(403, 'AccessDenied', 'Request has expired');
}

/** The results' host is an object store, and refuses like one. */
function xmlRefusal({ status, code, message }: VendorError): Answer {
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, headers: { 'Content-Type': 'application/xml' }, body: Buffer.from(xml) };
}
