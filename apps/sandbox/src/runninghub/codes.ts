import { VendorError, type Answer } from '../vendor-call.ts';

/** The vendor's words for its codes, as the `msg` of its answers says them. */
const MESSAGES: Readonly<Record<string, string>> = {
  '301': 'PARAMS_INVALID',
  '380': 'WORKFLOW_NOT_EXISTS',
  '412': 'TOKEN_INVALID',
  '415': 'TASK_INSTANCE_MAXED',
  '416': 'TASK_CREATE_FAILED_BY_NOT_ENOUGH_WALLET',
  '421': 'TASK_QUEUE_MAXED',
  '423': 'TASK_NOT_FOUNED',
  '433': 'VALIDATE_PROMPT_FAILED',
  '500': 'UNKNOWN_ERROR',
  '802': 'APIKEY_UNAUTHORIZED',
  '803': 'APIKEY_INVALID_NODE_INFO',
  '804': 'APIKEY_TASK_IS_RUNNING',
  '805': 'APIKEY_TASK_STATUS_ERROR',
  '807': 'APIKEY_TASK_NOT_FOUND',
  '808': 'APIKEY_UPLOAD_FAILED',
  '809': 'APIKEY_FILE_SIZE_EXCEEDED',
  '810': 'WORKFLOW_NOT_SAVED_OR_NOT_RUNNING',
  '813': 'APIKEY_TASK_IS_QUEUED',
  '901': 'WEBAPP_NOT_EXISTS',
  '1002': 'Invalid API key',
  '1003': 'Rate limit exceeded',
};

/** A code other than 0; it travels inside HTTP 200. */
export function hubError(code: string, data?: Record<string, unknown>, message = MESSAGES[code] ?? ''): VendorError {
  return new VendorError(200, code, message, data);
}

/** `{code, msg, data}`: what the first version of the interface answers. */
export function envelope(data: unknown): Record<string, unknown> {
  return { code: 0, msg: 'success', data };
}

/** A refusal in the first version's shape; `detail` is its data. */
export function envelopeRefusal(error: VendorError): Answer {
  const msg = error.message || (MESSAGES[error.code] ?? 'UNKNOWN_ERROR');
  return jsonAnswer({ code: Number(error.code) || 500, msg, data: error.detail ?? null }, error.status);
}

/** A refusal in the second version's flat shape, whose codes are text. */
export function flatRefusal(error: VendorError): Answer {
  const errorMessage = error.message || (MESSAGES[error.code] ?? 'UNKNOWN_ERROR');
  return jsonAnswer({ taskId: '', status: '', errorCode: error.code, errorMessage, results: null }, error.status);
}

export function jsonAnswer(body: unknown, status = 200): Answer {
  const headers = { 'Content-Type': 'application/json;charset=UTF-8' };
  return { status, headers, body: Buffer.from(JSON.stringify(body)) };
}

/** The same answer with its task ids as bare numbers, which a double cannot hold. */
export function withNumberIds(answer: Answer): Answer {
  return { ...answer, body: Buffer.from(numberIdsIn(answer.body.toString('utf8'))) };
}

export function numberIdsIn(json: string): string {
  return json.replace(/"taskId":"(\d+)"/g, '"taskId":$1');
}
