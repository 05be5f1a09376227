import { bare, calledName, keyName, type Node } from '../source/ast.ts';
import { tokensOf, holeMark } from '../sql/tokens.ts';
import { typeText } from '../project/types.ts';
import { holesOf, originsOf, readText, stringOf, type InputValue, type Value } from '../values/value.ts';
import { wayTo, type Moment, type Watch } from './moment.ts';
import type { Effect } from '../walk/walker.ts';

/** BG250–BG252: what comes from outside, and what must not leave. */
export const watchSecrecy: Watch = (moment) => ({
  on: (effect) => {
    if (effect.kind === 'raw-sql') judgeSql(moment, effect);
    if (effect.kind === 'log') judgeLog(moment, effect);
    if (effect.kind === 'throttle') judgeKey(moment, effect.key, effect.place);
    if (effect.kind === 'redis' && /^(?:incr|incrby|zadd|eval)$/.test(effect.command))
      judgeKey(moment, effect.key, effect.place);
  },
});

type Of<K> = Extract<Effect, { kind: K }>;

function judgeSql(moment: Moment, { text, place }: Of<'raw-sql'>): void {
  const sql = readText(text, holeMark) ?? '';
  const tokens = tokensOf(sql);
  for (const [index, value] of holesOf(text).entries()) {
    const source = dangerIn(value, isValuePlace(tokens, sql, index));
    if (source === undefined) continue;
    moment.report({
      ruleId: 'BG250',
      place,
      message: { zh: `SQL 由值拼接而成（${source}）`, en: `SQL is put together from a value (${source})` },
      evidence: [wayTo(moment, place), `${source} becomes part of the statement's text instead of a parameter`],
    });
    return;
  }
}

type Tokens = ReturnType<typeof tokensOf>;

/** True where a value stands, as opposed to a table, a column or a direction; within quotes it always is. */
function isValuePlace(tokens: Tokens, sql: string, index: number): boolean {
  const mark = holeMark(index);
  const at = tokens.findIndex((token) => token.kind === 'hole' && token.text === String(index));
  if (at < 0) return sql.includes(mark);
  const before = tokens[at - 1];
  const word = before?.text.toLowerCase() ?? '';
  return (
    [
      '=',
      '<',
      '>',
      '<=',
      '>=',
      '<>',
      '!=',
      '(',
      ',',
      'like',
      'in',
      'between',
      'and',
      'values',
      'limit',
      'offset',
      '+',
      '-',
    ].includes(word) &&
    !['from', 'join', 'by', 'select', 'into', 'update'].includes(tokens[at - 2]?.text.toLowerCase() ?? '')
  );
}

const NUMERIC = new Set([
  'Number',
  'parseInt',
  'parseFloat',
  'escape',
  'length',
  'Math',
  '-',
  '*',
  '/',
  'unary-',
  'unary+',
  'floor',
  'ceil',
  'round',
  'trunc',
  'min',
  'max',
  'getTime',
  'now',
  'join',
  'toFixed',
]);
const IDENTIFIER =
  /table|column|field|order|sort|dir|schema|placeholder|where|clause|sql|query|limit|offset|page|prefix/i;

/** Where a dangerous piece of SQL comes from. */
function dangerIn(value: Value, isValue: boolean): string | undefined {
  switch (value.kind) {
    case 'input':
      return dangerousInput(value, isValue);
    case 'mix':
      if (NUMERIC.has(value.op)) return undefined;
      return value.of.map((part) => dangerIn(part, isValue)).find((each) => each !== undefined);
    case 'text':
      return holesOf(value)
        .map((part) => dangerIn(part, isValue))
        .find((each) => each !== undefined);
    case 'either':
      return value.options.map((option) => dangerIn(option.value, isValue)).find((each) => each !== undefined);
    case 'list':
      return value.items.map((item) => dangerIn(item, isValue)).find((each) => each !== undefined);
    default:
      return undefined;
  }
}

function dangerousInput(value: InputValue, isValue: boolean): string | undefined {
  const name = value.path.join('.');
  if (value.isRequest && value.path.length > 1) return /(?:^|\.)user\.\w*id$/i.test(name) ? undefined : name;
  if (!isValue || value.path[0] === 'this' || value.path.some((part) => part.endsWith('()'))) return undefined;
  const type = typeText(value.type);
  if (type !== '' && !/^(?:string|any|unknown)\b/.test(type)) return undefined;
  return IDENTIFIER.test(value.path.at(-1) ?? '') ? undefined : name;
}

const SECRET =
  /^(?:phone|mobile|phone_?number|mobile_?number|tel|id_?card|id_?number|password|passwd|pwd|secret|token|access_?token|refresh_?token|id_?token|auth_?token|api_?key|apikey|private_?key|api_?v3_?key|secret_?key|session_?key|authorization|cookie|sms_?code|verification_?code|verify_?code|otp|captcha_?code|card_?number|cvv|app_?secret|client_?secret|jwt)$/i;
const HARMLESS =
  /mask|redact|hash|digest|encrypt|hide|obfuscat|omit|length|boolean|last4|tail|sanit|fingerprint|typeof/i;

function judgeLog(moment: Moment, { args, place }: Of<'log'>): void {
  const found = args.flatMap(secretsIn);
  if (found.length === 0) return;
  moment.report({
    ruleId: 'BG251',
    place,
    message: { zh: `日志写出了敏感信息（${found.join('、')}）`, en: `A log line carries ${found.join(', ')}` },
    evidence: [wayTo(moment, place)],
  });
}

/** Names of secrets whose own value is written out: not their length, not a mask of them, not whether they are there. */
function secretsIn(written: Node): string[] {
  const node = bare(written);
  switch (node.type) {
    case 'Identifier':
      return SECRET.test(node.name) ? [node.name] : [];
    case 'MemberExpression': {
      const name = keyName(node.property, node.computed) ?? '';
      return SECRET.test(name) ? [name] : [];
    }
    case 'TemplateLiteral':
      return node.expressions.flatMap(secretsIn);
    case 'ObjectExpression':
      return node.properties.flatMap((property) =>
        property.type === 'SpreadElement' ? [] : secretsIn(property.value),
      );
    case 'ArrayExpression':
      return node.elements.flatMap((element) => (element === null ? [] : secretsIn(element)));
    case 'BinaryExpression':
      return node.operator === '+' ? [...secretsIn(node.left), ...secretsIn(node.right)] : [];
    case 'LogicalExpression':
      return [...secretsIn(node.left), ...secretsIn(node.right)];
    case 'ConditionalExpression':
      return [...secretsIn(node.consequent), ...secretsIn(node.alternate)];
    case 'CallExpression':
      return HARMLESS.test(calledName(node.callee)) ||
        !/^(?:stringify|String|format|concat|inspect|toString|trim|json)$/.test(calledName(node.callee))
        ? []
        : node.arguments.flatMap(secretsIn);
    default:
      return [];
  }
}

const HEADER =
  /^(?:x-forwarded-for|x-real-ip|x-client-ip|x-user-id|x-device-id|x-client-id|user-agent|x-api-client|forwarded|cf-connecting-ip|true-client-ip|x-request-id|x-session-id|x-tenant-id|origin|referer)$/i;

/** A header that the caller writes as it likes. */
function judgeKey(moment: Moment, key: Value, place: Of<'throttle'>['place']): void {
  const header = originsOf(key)
    .map(headerOf)
    .find((name) => name !== undefined);
  if (header === undefined) return;
  moment.report({
    ruleId: 'BG252',
    place,
    message: {
      zh: `限流的键来自客户端可随意填写的请求头 ${header}`,
      en: `A rate limit tells callers apart by the header ${header}, which they write themselves`,
    },
    evidence: [wayTo(moment, place)],
  });
}

function headerOf(value: Value): string | undefined {
  if (value.kind === 'input' && value.isRequest && value.path.includes('headers')) {
    const name = value.path[value.path.indexOf('headers') + 1];
    return name !== undefined && HEADER.test(name) ? name : undefined;
  }
  if (value.kind !== 'mix' || !/^(?:get|header)$/.test(value.op)) return undefined;
  return value.of.flatMap((part) => stringOf(part) ?? []).find((name) => HEADER.test(name));
}
