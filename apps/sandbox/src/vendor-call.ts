import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import type { CallIds, CallLog } from './call-log.ts';
import type { FaultKind } from './fault-schema.ts';
import type { FaultBoard, FaultOf, Vendor } from './faults.ts';

/** What goes back over the wire. */
export type Answer = { status: number; headers: Record<string, string>; body: Buffer };

/** A refusal in the vendor's own words; each protocol gives it its shape. */
export class VendorError extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: Record<string, unknown> | undefined;

  constructor(status: number, code: string, message: string, detail?: Record<string, unknown>) {
    super(message);
    this.name = 'VendorError';
    this.status = status;
    this.code = code;
    this.detail = detail;
  }
}

const CALL_KINDS = [
  'error',
  'timeout',
  'timeout_after_commit',
  'slow',
  'trickle',
  'drop',
] as const satisfies FaultKind[];
type CallFault = FaultOf<(typeof CALL_KINDS)[number]>;

export type VendorCall = {
  vendor: Vendor;
  action: string;
  ids: CallIds;
  /** Throws a VendorError when the caller is not who it says; comes before any fault. */
  authenticate?: () => void;
  /** The effect and its answer; throws a VendorError to refuse. */
  perform: () => Answer | Promise<Answer>;
  /** Gives a refusal the protocol's shape. */
  refuse: (error: VendorError) => Answer;
};

export type CallDeps = { faults: FaultBoard; log: CallLog };

/** One vendor call from signature to answer: authenticated, bent by at most one fault, performed, logged. */
export async function runVendorCall(deps: CallDeps, reply: FastifyReply, call: VendorCall): Promise<FastifyReply> {
  const record = (status: number | null, code?: string, fault?: CallFault): void =>
    deps.log.add({
      vendor: call.vendor,
      action: call.action,
      ids: call.ids,
      status,
      ...(code === undefined ? {} : { code }),
      ...(fault === undefined ? {} : { fault: fault.kind }),
    });

  const denied = refusalOf(() => call.authenticate?.());
  if (denied !== undefined) {
    record(denied.status, denied.code);
    return send(reply, call.refuse(denied));
  }
  const fault = deps.faults.take(call, CALL_KINDS);
  if (fault?.kind === 'drop' || fault?.kind === 'timeout') {
    record(null, undefined, fault);
    return fault.kind === 'drop' ? drop(reply) : leaveUnanswered(reply);
  }
  if (fault?.kind === 'slow') await pause(fault.ms);
  const { answer, code } = await outcomeOf(call, fault);
  if (fault?.kind === 'timeout_after_commit') {
    record(null, code, fault);
    return leaveUnanswered(reply);
  }
  record(answer.status, code, fault);
  return fault?.kind === 'trickle' ? sendSlowly(reply, answer, fault.ms) : send(reply, answer);
}

async function outcomeOf(call: VendorCall, fault: CallFault | undefined): Promise<{ answer: Answer; code?: string }> {
  try {
    if (fault?.kind === 'error') throw new VendorError(fault.status, fault.code, fault.message);
    return { answer: await call.perform() };
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    return { answer: call.refuse(error), code: error.code };
  }
}

function refusalOf(check: () => void): VendorError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof VendorError) return error;
    throw error;
  }
}

function send(reply: FastifyReply, answer: Answer): FastifyReply {
  return reply.code(answer.status).headers(answer.headers).send(answer.body);
}

const TRICKLE_PARTS = 50;

/** The body in many small parts that take `ms` together: no part is late, all of it is. */
export function sendSlowly(reply: FastifyReply, { status, headers, body }: Answer, ms: number): FastifyReply {
  const size = Math.ceil(body.length / TRICKLE_PARTS);
  async function* parts(): AsyncGenerator<Buffer> {
    for (let at = 0; at < body.length; at += size) {
      await pause(ms / TRICKLE_PARTS);
      yield body.subarray(at, at + size);
    }
  }
  return reply
    .code(status)
    .headers({ ...headers, 'Content-Length': String(body.length) })
    .send(Readable.from(parts()));
}

/** The connection stays open and silent until the client gives up, or the sandbox closes. */
function leaveUnanswered(reply: FastifyReply): FastifyReply {
  return reply.hijack();
}

function drop(reply: FastifyReply): FastifyReply {
  reply.hijack();
  reply.raw.socket?.resetAndDestroy();
  return reply;
}
