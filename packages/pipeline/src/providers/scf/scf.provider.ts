import { invocationBytesMax, parseCallbackBody, type CallbackBody, type Invocation } from '@yunshang/callback';
import type { Clock } from '@yunshang/db';
import type { Storage } from '../../storage/storage.ts';
import {
  INPUT_REFUSED,
  isFileRef,
  ProviderFailure,
  type ProducedFile,
  type Provider,
  type ProviderCall,
  type ProviderResult,
  type SubmittedWork,
  type WorkState,
} from '../provider.ts';
import type { ScfSettings } from '../provider-settings.ts';
import { readMedia } from '../read-media.ts';
import { createInvoke, type Invoke, type ScfAccount } from './scf-api.ts';
import { callbackPath, scfOutputKey } from './scf-files.ts';

export type ScfDeps = {
  ref: string;
  account: ScfAccount;
  settings: ScfSettings;
  storage: Storage;
  clock: Clock;
  /** Where a function reaches our server. */
  callbackBaseUrl: string;
};

type Scf = ScfDeps & { invoke: Invoke };
type Output = { name: string; contentType: string };

/** Signed addresses outlive the longest function and its repetitions by the vendor. */
const ADDRESS_TTL_SECONDS = 7_200;

/**
 * Tencent SCF: a function is invoked without waiting and answers by a signed callback. Its files lie under keys that only this
 * attempt was given, so work whose callback was lost is found by looking there.
 */
export function createScfProvider(deps: ScfDeps): Provider {
  const of: Scf = { ...deps, invoke: createInvoke(deps.account) };
  return {
    ref: deps.ref,
    background: {
      unknownMs: deps.settings.unknownWaitSeconds * 1000,
      submit: (call) => submit(of, call),
      check: (call, work) => check(of, call, work),
      find: async (call, work) => {
        const isThere = work.result !== null || (await areStored(of, call));
        return isThere ? { vendorRef: work.attemptId } : undefined;
      },
      // The vendor has no way to stop an invocation, and bills it.
      stop: async () => ({ billed: true }),
    },
  };
}

function functionOf(of: Scf, name: string): ScfSettings['functions'][string] {
  const found = of.settings.functions[name];
  if (found === undefined) throw new ProviderFailure('our_account', 'function_unknown', { costMicroYuan: 0 });
  return found;
}

async function submit(of: Scf, call: ProviderCall & { attemptId: string }): Promise<{ vendorRef: string }> {
  const { functionName, outputs } = functionOf(of, call.endpoint);
  const path = callbackPath(call);
  const { input, downloads } = await splitInput(of, call);
  const event = {
    jobId: call.attemptId,
    taskId: call.taskId,
    stepIndex: call.stepIndex,
    function: call.endpoint,
    input,
    callback: { url: `${of.callbackBaseUrl.replace(/\/$/, '')}${path}`, path },
    uploads: await Promise.all(outputs.map((output) => addressOf(of, call, output))),
    downloads,
  } satisfies Invocation;
  const body = JSON.stringify(event);
  if (Buffer.byteLength(body) > invocationBytesMax)
    throw new ProviderFailure('our_account', 'event_too_large', { costMicroYuan: 0 });
  const { namespace, qualifier } = of.settings;
  await of.invoke({ functionName: functionName ?? call.endpoint, namespace, qualifier, body });
  return { vendorRef: call.attemptId };
}

async function addressOf(of: Scf, call: ProviderCall, output: Output): Promise<Invocation['uploads'][number]> {
  const key = scfOutputKey(call, output);
  const { name, contentType } = output;
  const lifetime = { ttlSeconds: ADDRESS_TTL_SECONDS, now: of.clock.now() };
  const { url } = await of.storage.signedPutUrl(key, { contentType, ...lifetime });
  return { name, key, putUrl: url, contentType };
}

/** Files are read by the function itself, from signed addresses. */
async function splitInput(of: Scf, call: ProviderCall): Promise<Pick<Invocation, 'input' | 'downloads'>> {
  const input: Record<string, unknown> = {};
  const downloads: Record<string, string | string[]> = {};
  const sign = async (key: string): Promise<string> =>
    (await of.storage.signedUrl(key, { ttlSeconds: ADDRESS_TTL_SECONDS, now: of.clock.now() })).url;
  for (const [name, value] of Object.entries(call.input)) {
    if (isFileRef(value)) downloads[name] = await sign(value.file);
    else if (Array.isArray(value) && value.length > 0 && value.every(isFileRef))
      downloads[name] = await Promise.all(value.map(({ file }) => sign(file)));
    else input[name] = value;
  }
  return { input, downloads };
}

async function check(of: Scf, call: ProviderCall, work: SubmittedWork): Promise<WorkState> {
  if (work.result !== null) return told(of, call, parseCallbackBody(JSON.stringify(work.result)));
  if (work.isLast && (await areStored(of, call)))
    return { status: 'SUCCEEDED', collect: () => collect(of, call, functionOf(of, call.endpoint).outputs) };
  return { status: 'RUNNING' };
}

function told(of: Scf, call: ProviderCall, body: CallbackBody): WorkState {
  const cost =
    body.usage === undefined || of.settings.microYuanPerSecond === 0
      ? {}
      : { costMicroYuan: Math.ceil((body.usage.billedMs * of.settings.microYuanPerSecond) / 1000) };
  if (body.status === 'failed') return { status: 'FAILED', failure: reasonOf(body.error.code), ...cost };
  const { output } = body;
  const made = async (): Promise<ProviderResult> =>
    collect(
      of,
      call,
      functionOf(of, call.endpoint).outputs.filter(({ name }) => output[name] !== undefined),
    );
  return { status: 'SUCCEEDED', collect: made, ...cost };
}

function reasonOf(code: string): ProviderFailure {
  if (code === 'INPUT_REFUSED') return new ProviderFailure('member_input', INPUT_REFUSED);
  if (code === 'INVOCATION_MALFORMED') return new ProviderFailure('our_account', 'invocation_malformed');
  return new ProviderFailure('vendor', `function_${code.toLowerCase().slice(0, 40)}`);
}

async function areStored(of: Scf, call: ProviderCall): Promise<boolean> {
  const { outputs } = functionOf(of, call.endpoint);
  const heads = await Promise.all(outputs.map((output) => of.storage.head(scfOutputKey(call, output))));
  return heads.every((head) => head !== undefined && head.bytes > 0);
}

async function collect(of: Scf, call: ProviderCall, outputs: readonly Output[]): Promise<ProviderResult> {
  const files: Record<string, ProducedFile> = {};
  for (const output of outputs) {
    const bytes = await of.storage.get(scfOutputKey(call, output));
    if (bytes === undefined) throw new ProviderFailure('vendor', 'result_missing');
    files[output.name] = await read(bytes, output.contentType);
  }
  return { output: {}, files };
}

async function read(bytes: Buffer, contentType: string): Promise<ProducedFile> {
  if (contentType.startsWith('image/')) return readMedia('image', bytes);
  if (contentType.startsWith('video/')) return readMedia('video', bytes);
  return { ...(await readMedia('text', bytes)), contentType };
}
