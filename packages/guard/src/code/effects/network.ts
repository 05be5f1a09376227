import { mix, originsOf, readText, stringOf, type ExternalValue, type Value } from '../values/value.ts';
import type { Call, CallReader } from '../walk/call.ts';
import { runCallbacks } from '../walk/callbacks.ts';
import { namesIn } from '../walk/tests.ts';
import { isTriedAgain } from '../walk/tried-again.ts';
import { emit } from '../walk/walker.ts';

const HTTP_SOURCES = new Set([
  'axios',
  'got',
  'ky',
  'undici',
  'node-fetch',
  'cross-fetch',
  'superagent',
  'needle',
  'request',
  'request-promise',
  'request-promise-native',
  'http',
  'https',
  'ofetch',
  'wretch',
  'phin',
  'bent',
]);
const VERBS = new Set(['get', 'post', 'put', 'patch', 'delete', 'head', 'request', 'fetch', 'stream']);
/** Packages that talk to a vendor over the network, whatever their methods are called. */
const SDK =
  /^(?:openai|@anthropic-ai\/|@google\/gen|@google-cloud\/|@azure\/|replicate|@fal-ai\/|stripe$|alipay-sdk|wechatpay|@paypal\/|cos-nodejs-sdk|tencentcloud-sdk|@alicloud\/|ali-oss|@aws-sdk\/client-|aws-sdk|twilio|nodemailer|@sendgrid\/|resend$|qiniu|minio)/;
/** Calls of an SDK that stay on this machine. */
const LOCAL =
  /^(?:on|once|off|use|set\w*|sign\w*|verify\w*|construct\w*|decrypt\w*|encrypt\w*|decipher\w*|getAuth\w*|get\w*Url|getSigned\w*|create(?:Hmac|Client|Transport|Hash)|from\w*|to[A-Z]\w*|bind|final|update|digest|init\w*|json|text|then|catch|send\$)$/;

/** Calls that leave this machine for somebody else's. */
export const readNetwork: CallReader = (call) => {
  const method = methodOf(call);
  if (method === undefined) return undefined;
  const { w, args, node, place, name, receiverText } = call;
  const answer = mix('answer', []);
  const isRepeated = isTriedAgain(w, place);
  runCallbacks(w, args, false);
  emit(w, {
    kind: 'network',
    call: {
      label: receiverText === '' ? name : `${receiverText}.${name}`,
      url: urlOf(args),
      method,
      hasKey: hasKey(node, args),
      isRepeated,
      answer,
    },
    place,
  });
  return answer;
};

/** The address, or what of it is written out. */
function urlOf([first]: readonly Value[]): string {
  const target = first?.kind === 'object' ? (first.props.get('url') ?? first.props.get('path')) : first;
  return target === undefined ? '' : (readText(target, () => '…') ?? '');
}

function methodOf(call: Call): string | undefined {
  const { callee, receiver, name, receiverText, args } = call;
  if (callee.kind === 'external' && callee.source === 'global' && callee.path.join('.') === 'fetch')
    return fromOptions(args, 'GET');
  if (receiver?.kind === 'external' && receiver.source === 'global') return undefined;
  if (callee.kind === 'external' && HTTP_SOURCES.has(callee.source)) return ofHttpLibrary(callee, call);
  if (callee.kind === 'external' && SDK.test(callee.source)) return ofSdk(call);
  if (callee.kind === 'external' && receiver?.kind === 'external' && receiver.isMade && isVendorClient(receiver))
    return ofSdk(call);
  if (
    receiver !== undefined &&
    VERBS.has(name) &&
    isUrl(args[0]) &&
    receiver.kind !== 'tx' &&
    receiver.kind !== 'query'
  )
    return name.toUpperCase();
  if (
    receiver !== undefined &&
    VERBS.has(name) &&
    /(?:^|\.)(?:axios|http|httpClient|httpService|api|apiClient|gateway)$/i.test(receiverText) &&
    args.length > 0 &&
    callbackFree(args)
  )
    return name === 'request' ? fromOptions(args, 'POST') : name.toUpperCase();
  if (receiver === undefined && name === 'fetch' && callee.kind === 'unknown') return fromOptions(args, 'GET');
  return undefined;
}

function callbackFree(args: readonly Value[]): boolean {
  return args.every((arg) => arg.kind !== 'fn');
}

function isUrl(value: Value | undefined): boolean {
  if (value === undefined) return false;
  const text = readText(value, () => '…');
  return text !== undefined && /^(?:https?:\/\/|…\/\w)/.test(text);
}

function ofHttpLibrary(callee: ExternalValue, { name, args }: Call): string | undefined {
  const last = callee.path.at(-1) ?? '';
  if (
    /^(?:create|extend|defaults|isAxiosError|Agent|Pool|Client|interceptors|on|use|once|end|write|setEncoding|pipe|json|text|body|dump|all|spread|toJSON|CancelToken|source|createServer|listen|Server)$/.test(
      last,
    )
  )
    return undefined;
  if (callee.isMade && !VERBS.has(last)) return undefined;
  if (last === '' || last === 'request' || last === 'fetch' || last === 'default') return fromOptions(args, 'GET');
  return VERBS.has(last) ? last.toUpperCase() : VERBS.has(name) ? name.toUpperCase() : undefined;
}

function fromOptions(args: readonly Value[], otherwise: string): string {
  for (const arg of args) {
    const given = arg.kind === 'object' ? arg.props.get('method') : undefined;
    if (given !== undefined) return stringOf(given)?.toUpperCase() ?? 'UNKNOWN';
  }
  return otherwise;
}

/** A client of a package outside that was made with an address or a key: it talks to whom they belong to. */
function isVendorClient(client: ExternalValue): boolean {
  if (
    /^(?:kysely|knex|mysql2?|pg|ioredis|redis|bullmq|bull|pino|winston|zod|sequelize|typeorm|mongoose|mongodb|@prisma\/client|drizzle-orm|fastify|express|koa|hono|jose|jsonwebtoken|sharp|eb)(?:\/|$)/.test(
      client.source,
    )
  )
    return false;
  return client.args.some(
    (arg) =>
      arg.kind === 'object' &&
      [...arg.props.keys()].some((key) =>
        /^(?:api_?key|secret\w*|access_?key\w*|baseURL|base_?url|endpoint|credentials?|appid|mch_?id|app_?secret)$/i.test(
          key,
        ),
      ),
  );
}

function ofSdk({ name, callee }: Call): string | undefined {
  if (LOCAL.test(name) || callee.kind !== 'external') return undefined;
  if (callee.path.length === 0) return undefined;
  if (!callee.isMade && callee.path.length === 1) return undefined;
  return /^(?:get|list|retrieve|query|find|describe|head|search|status|poll|fetch|download|check|count)/i.test(name)
    ? 'GET'
    : 'POST';
}

const KEY =
  /idempot|request_?id|out_?trade_?no|out_?refund_?no|client_?token|dedup|external_?id|reference_?id|x-request-id|^(?:task|order|job|charge|attempt|payment)_?id$|^nonce$/i;

/** Something in the call tells the vendor which of our works it is for. */
function hasKey(node: Call['node'], args: readonly Value[]): boolean {
  const names = new Set<string>();
  for (const argument of node.arguments) for (const name of namesIn(argument)) names.add(name);
  for (const value of args.flatMap(originsOf))
    if (value.kind === 'object') for (const key of value.props.keys()) names.add(key);
  return [...names].some((name) => KEY.test(name));
}
