import { z } from 'zod';
import type { TencentAction, TencentCall } from '../tencent/api.routes.ts';
import { VendorError } from '../vendor-call.ts';
import { findFunction } from './find-function.ts';
import { idsOfEvent } from './invocation.ts';
import type { Accepted, FunctionPlatform } from './platform.ts';
import type { FunctionRun } from './run-function.ts';

const SYNC_MAX_BYTES = 6 * 1024 * 1024;
const EVENT_MAX_BYTES = 128 * 1024;

const common = {
  FunctionName: z.string().min(1),
  Qualifier: z.enum(['$LATEST', '$DEFAULT']).default('$LATEST'),
  Namespace: z.literal('default').default('default'),
  LogType: z.enum(['None', 'Tail']).default('None'),
};
const invokeParams = z.object({
  ...common,
  InvocationType: z.enum(['RequestResponse', 'Event']).default('RequestResponse'),
  ClientContext: z.string().default('{}'),
});
const invokeFunctionParams = z.object({ ...common, Event: z.string().default('{}') });

type Deps = { functionsFolder: string; platform: FunctionPlatform };
type Asked = { name: string; payload: string; maxBytes: number; action: string; origin: string };

/** Invoke and InvokeFunction of 2018-04-16: a function that failed is told inside a successful answer. */
export function scfActions(deps: Deps): TencentAction[] {
  return [invokeAction(deps), invokeFunctionAction(deps)];
}

function invokeAction(deps: Deps): TencentAction {
  return {
    ...shared('Invoke', 'ClientContext'),
    async perform(raw, call) {
      const params = parsed(invokeParams, raw);
      const isEvent = params.InvocationType === 'Event';
      const accepted = acceptedOf(deps, {
        name: params.FunctionName,
        payload: params.ClientContext,
        maxBytes: isEvent ? EVENT_MAX_BYTES : SYNC_MAX_BYTES,
        action: 'Invoke',
        origin: call.origin,
      });
      if (!isEvent) return resultNow(deps, accepted, { call, withLog: params.LogType === 'Tail' });
      const { requestId } = deps.platform.invokeLater(accepted);
      call.note({ requestId });
      return { Result: { ...EMPTY_RESULT, FunctionRequestId: requestId } };
    },
  };
}

function invokeFunctionAction(deps: Deps): TencentAction {
  return {
    ...shared('InvokeFunction', 'Event'),
    perform(raw, call) {
      const { FunctionName: name, Event: payload, LogType } = parsed(invokeFunctionParams, raw);
      const asked = { name, payload, maxBytes: SYNC_MAX_BYTES, action: 'InvokeFunction', origin: call.origin };
      return resultNow(deps, acceptedOf(deps, asked), { call, withLog: LogType === 'Tail' });
    },
  };
}

function shared(action: string, payloadField: string): Omit<TencentAction, 'perform'> {
  return {
    vendor: 'scf',
    action,
    version: '2018-04-16',
    needsRegion: true,
    idsOf(raw) {
      const { FunctionName: name, [payloadField]: payload } = raw;
      const event = typeof payload === 'string' ? readJson(payload) : undefined;
      return { ...(typeof name === 'string' ? { function: name } : {}), ...idsOfEvent(event) };
    },
  };
}

const EMPTY_RESULT = {
  Log: '',
  RetMsg: '',
  ErrMsg: '',
  MemUsage: 0,
  Duration: 0,
  BillDuration: 0,
  FunctionRequestId: '',
  InvokeResult: 0,
};

type Answering = { call: TencentCall; withLog: boolean };

async function resultNow(deps: Deps, accepted: Accepted, { call, withLog }: Answering) {
  const { invocation, run } = await deps.platform.invokeNow(accepted);
  call.note({ requestId: invocation.requestId });
  return {
    Result: {
      ...EMPTY_RESULT,
      ...outcomeOf(run),
      Log: withLog ? run.log : '',
      MemUsage: 64 * 1024 * 1024,
      Duration: run.durationMs,
      BillDuration: run.durationMs,
      FunctionRequestId: invocation.requestId,
    },
  };
}

function outcomeOf({ result }: FunctionRun): { InvokeResult: number; RetMsg: string; ErrMsg: string } {
  if (result.ok && Buffer.byteLength(result.value) <= SYNC_MAX_BYTES) {
    return { InvokeResult: 0, RetMsg: result.value, ErrMsg: '' };
  }
  const errorMessage = result.ok ? 'response payload exceeds 6 MB' : result.message;
  const stackTrace = result.ok ? '' : result.stack;
  return {
    InvokeResult: -1,
    RetMsg: '',
    ErrMsg: JSON.stringify({ errorCode: 1, errorMessage, stackTrace, statusCode: 430 }),
  };
}

function acceptedOf({ functionsFolder }: Deps, { name, payload, maxBytes, action, origin }: Asked): Accepted {
  const entry = findFunction(functionsFolder, name);
  if (entry === undefined) throw refusal('ResourceNotFound.Function', `函数${name}不存在`);
  if (Buffer.byteLength(payload) > maxBytes) throw refusal('InvalidParameter.Payload', '请求参数过大');
  const event = readJson(payload);
  if (event === undefined) throw refusal('InvalidParameter.Payload', '请求参数不是 JSON');
  return { ids: { function: name, ...idsOfEvent(event) }, entry, event, origin, action };
}

function parsed<T extends z.ZodType>(schema: T, raw: unknown): z.output<T> {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  throw refusal(`InvalidParameterValue.${result.error.issues[0]?.path.join('.') ?? ''}`, 'the parameter is not valid');
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal(code: string, message: string): VendorError {
  return new VendorError(200, code, message);
}
