import { MONEY } from '../roles/words.ts';
import { readText, stringOf } from '../values/value.ts';
import { snake } from '../queries/query.ts';
import { wayTo, type Moment, type Watch } from './moment.ts';

const TAKING = new Set(['decr', 'decrby', 'hincrby', 'hincrbyfloat', 'incrbyfloat', 'incr', 'incrby', 'zincrby']);
const COUNTING =
  /(?:^|[:_.-])(?:rl|rate|limit|limits|limiter|window|cooldown|count|counter|attempt|attempts|usage|used|hits|lock|cache|idem|throttle|daily|day|hour)(?:[:_.-]|$)/;

/** BG206, BG207, BG260, BG261: where balances and their history are kept, and what is written into the code itself. */
export const watchRecords: Watch = (moment) => {
  const { roles } = moment;
  return {
    on: (effect) => {
      if (effect.kind === 'redis' && TAKING.has(effect.command)) judgeRedis(moment, effect);
      if (effect.kind === 'object') judgeFeature(moment, effect);
      if (effect.kind !== 'statement') return;
      const { query } = effect.result;
      if ((query.op === 'update' || query.op === 'delete') && roles.isLedger(query.table))
        moment.report({
          ruleId: 'BG207',
          place: effect.place,
          message: {
            zh: `流水/审计表 ${query.table} 的历史记录被${query.op === 'update' ? '修改' : '删除'}`,
            en: `History is ${query.op === 'update' ? 'changed' : 'deleted'}: ${query.table} is append-only`,
          },
          evidence: [`${query.table} is a ledger: ${roles.why(query.table)}`, wayTo(moment, effect.place)],
        });
      if (query.op === 'select' && /^(?:provider_endpoints?|providers?|vendor_endpoints?|vendors?)$/.test(query.table))
        judgeProvider(moment, effect);
    },
  };
};

type Of<K> = Extract<Parameters<ReturnType<Watch>['on']>[0], { kind: K }>;

function judgeRedis(moment: Moment, { key, place, command }: Of<'redis'>): void {
  const text = snake(readText(key, () => '…') ?? '');
  const words = text.split(/[^a-z_]+/);
  if (!words.some((word) => MONEY.test(word)) || COUNTING.test(text)) return;
  moment.report({
    ruleId: 'BG206',
    place,
    message: {
      zh: `余额保存在 Redis 里并在那里增减（${command} ${text}）`,
      en: `A balance is kept in Redis and moved there (${command} ${text})`,
    },
    evidence: [wayTo(moment, place), 'Redis may lose it, and no ledger row moves with it in one transaction'],
  });
}

/** One provider named in the code, where a list of candidates belongs. */
function judgeProvider(moment: Moment, effect: Of<'statement'>): void {
  const { query } = effect.result;
  const named = query.where.find(
    ({ column, op, value }) =>
      op === '=' &&
      /^(?:provider_ref|ref|name|code|slug|provider|provider_name)$/.test(column) &&
      stringOf(value) !== undefined,
  );
  if (named === undefined) return;
  moment.report({
    ruleId: 'BG260',
    place: effect.place,
    message: {
      zh: `硬编码供应商 ${stringOf(named.value) ?? ''}，没有降级候选`,
      en: `The provider ${stringOf(named.value) ?? ''} is written into the code: there is nobody to fall back to`,
    },
    evidence: [
      wayTo(moment, effect.place),
      `${query.table} is asked for ${named.column} = '${stringOf(named.value) ?? ''}'`,
    ],
  });
}

/** A feature that costs nothing, without anybody having approved it. */
function judgeFeature(moment: Moment, { props, place }: Of<'object'>): void {
  const cost = props.get('quota_cost') ?? props.get('quotaCost');
  const isFeature = [
    'feature_id',
    'featureId',
    'rate_limit_policy',
    'rateLimitPolicy',
    'access_scope',
    'accessScope',
    'plan_required',
    'planRequired',
  ].some((key) => props.has(key));
  if (cost?.kind !== 'literal' || cost.value !== 0 || !isFeature) return;
  if ([...props.keys()].some((key) => /approv/i.test(key))) return;
  moment.report({
    ruleId: 'BG261',
    place,
    message: { zh: 'quota_cost = 0 的免费功能，没有审批记录', en: 'A feature with quota_cost = 0 and no approval' },
    evidence: [wayTo(moment, place)],
  });
}
