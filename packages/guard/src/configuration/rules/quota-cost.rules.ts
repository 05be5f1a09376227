import { FLOORS } from '../assumptions.ts';
import { whole, type ApprovalRecord, type Feature } from '../configuration.ts';
import { costlinessOf, type Costliness } from '../costliness.ts';
import type { Facts } from '../facts.ts';
import { pathOf, shown, type ConfigurationRule, type Hit } from '../rule.ts';

const pathTo = ({ featureId }: Feature): string => pathOf('features', featureId, 'quotaCost');

/** What a use of a feature takes of quota. */
export const quotaCostRules: readonly ConfigurationRule[] = [
  {
    id: 'BG110',
    severity: 'FAIL',
    title: { zh: '功能的配额成本必须是不小于 0 的整数', en: 'A feature takes whole quota, never less than zero' },
    why: {
      zh: '负数的成本会在扣减时增加配额；小数无法结清。',
      en: 'A negative cost mints quota when it is deducted, and a fraction can not be settled.',
    },
    incidents: ['a predecessor: quota_cost −5000 mints quota', 'new-api#2050'],
    mend: { zh: '填写整数的 quotaCost。', en: 'Give a whole quotaCost.' },
    bad: '{ "features": [{ "featureId": "basic_clean", "category": "image", "quotaCost": -5000 }] }',
    good: '{ "features": [{ "featureId": "basic_clean", "category": "image", "quotaCost": 1 }] }',
    find: ({ configuration }) =>
      configuration.features
        .filter((feature) => 'quotaCost' in feature && (whole(feature.quotaCost) ?? -1) < 0)
        .map((feature) => ({
          path: pathTo(feature),
          message: {
            zh: `quotaCost 为 ${shown(feature.quotaCost)}，不是不小于 0 的整数`,
            en: `quotaCost is ${shown(feature.quotaCost)}, not a whole number of zero or more`,
          },
        })),
  },
  {
    id: 'BG111',
    severity: 'FAIL',
    title: { zh: '免费功能必须经两人审批', en: 'A free feature needs an approval by two people' },
    why: {
      zh: '免费功能容易被薅羊毛：每次调用我们都付供应商的钱，而没有任何收入。',
      en: 'What is free is farmed: every call costs us money at a vendor, and nothing comes in.',
    },
    incidents: ['customer review list: quota_cost=0 未经审批 → FAIL', 'laravel-credits PR#20'],
    mend: {
      zh: '设置 quotaCost，或由另一人批准 free_feature 申请后再保存。',
      en: 'Set a quotaCost, or have another person approve a request of kind free_feature first.',
    },
    bad: '{ "features": [{ "featureId": "free_clean", "category": "image", "quotaCost": 0 }], "approvals": [{ "kind": "free_feature", "subjectId": "free_clean", "status": "approved", "requestedBy": "li", "decidedBy": "li" }] }',
    good: '{ "features": [{ "featureId": "free_clean", "category": "image", "quotaCost": 0 }], "approvals": [{ "kind": "free_feature", "subjectId": "free_clean", "status": "approved", "requestedBy": "li", "decidedBy": "wang" }] }',
    find: (facts) =>
      freeFeatures(facts).flatMap((feature) => {
        if (approvalFor(facts, feature, 'free_feature') !== undefined) return [];
        const message = {
          zh: 'quotaCost 为 0，没有两人审批的记录',
          en: 'quotaCost is 0, and no approval by two people is on record',
        };
        return [{ path: pathTo(feature), message, evidence: approvalEvidence(facts, feature, 'free_feature') }];
      }),
  },
  {
    id: 'BG112',
    severity: 'WARNING',
    isRed: true,
    title: { zh: '免费功能（已审批）', en: 'A free feature, approved' },
    why: {
      zh: '即使经过审批，免费功能也必须每次评审时让人看到：它只有成本，没有收入。',
      en: 'Approved or not, a free feature is shown at every review: it has costs and no revenue.',
    },
    incidents: ['customer review list: quota_cost=0 必须红色警告'],
    mend: {
      zh: '定期复核是否仍需免费，并收紧限流。',
      en: 'Look again whether it must stay free, and keep its limits tight.',
    },
    bad: '{ "features": [{ "featureId": "free_clean", "category": "image", "quotaCost": 0 }], "approvals": [{ "kind": "free_feature", "subjectId": "free_clean", "status": "approved", "requestedBy": "li", "decidedBy": "wang" }] }',
    good: '{ "features": [{ "featureId": "free_clean", "category": "image", "quotaCost": 1 }] }',
    find: (facts) =>
      freeFeatures(facts).flatMap((feature) => {
        const approval = approvalFor(facts, feature, 'free_feature');
        if (approval === undefined) return [];
        const message = { zh: '该功能不消耗配额', en: 'the feature takes no quota' };
        return [{ path: pathTo(feature), message, evidence: [approvalText(approval)] }];
      }),
  },
  {
    id: 'BG113',
    severity: 'FAIL',
    title: { zh: '高成本功能的配额成本过低', en: 'An expensive feature takes too little quota' },
    why: {
      zh: 'AI 生成和视频处理按次向供应商付费；只收 1 个配额等于按抠图的价格卖视频。',
      en: 'Films and the work of models are paid for by the call. At one unit they are sold at the price of a cut-out.',
    },
    incidents: ['customer review list: ai_video_generation with quota_cost 1 → FAIL', 'open-saas#727'],
    mend: {
      zh: `高成本功能不低于 ${FLOORS.expensive}，视频不低于 ${FLOORS.video}。`,
      en: `Take ${FLOORS.expensive} or more, and ${FLOORS.video} or more for films.`,
    },
    bad: '{ "features": [{ "featureId": "ai_video_generation", "quotaCost": 1, "rateLimitPolicy": { "maxPerHour": 3, "maxPerDay": 10, "cooldownSeconds": 600 } }] }',
    good: '{ "features": [{ "featureId": "ai_video_generation", "quotaCost": 5, "rateLimitPolicy": { "maxPerHour": 3, "maxPerDay": 10, "cooldownSeconds": 600 } }] }',
    find: (facts) => below(facts, ({ cost, kind }) => isFloored(kind) && cost > 0 && cost < FLOORS.expensive),
  },
  {
    id: 'BG114',
    severity: 'WARNING',
    title: { zh: '视频功能的配额成本偏低', en: 'A film takes little quota' },
    why: {
      zh: '视频的供应商成本是图片的数倍；偏低的价格让利润随重试消失。',
      en: 'A film costs several times a picture at the vendor; a low price is eaten by the first retry.',
    },
    incidents: ['customer review list: 视频生成应该 ≥ 5', 'PASS-WITH-WARNING: quota_cost 偏低'],
    mend: { zh: `把 quotaCost 提高到 ${FLOORS.video} 以上。`, en: `Raise quotaCost to ${FLOORS.video} or more.` },
    bad: '{ "features": [{ "featureId": "trailer", "category": "video", "quotaCost": 3 }] }',
    good: '{ "features": [{ "featureId": "trailer", "category": "video", "quotaCost": 6 }] }',
    find: (facts) =>
      below(facts, ({ cost, kind }) => kind === 'video' && cost >= FLOORS.expensive && cost < FLOORS.video),
  },
];

/** The approval in force: granted, by somebody else than whoever asked. */
export function approvalFor(
  { configuration, now }: Facts,
  { featureId }: Feature,
  kind: string,
): ApprovalRecord | undefined {
  return configuration.approvals.find(
    (approval) =>
      approval.kind === kind &&
      approval.subjectId === featureId &&
      approval.status === 'approved' &&
      (approval.until === undefined || approval.until === null || Date.parse(approval.until) > now.getTime()) &&
      (approval.decidedBy ?? approval.requestedBy) !== approval.requestedBy,
  );
}

export function approvalText({ kind, requestedBy, decidedBy, reason, until }: ApprovalRecord): string {
  const [end, why] = [until ? `, until ${until}` : '', reason === undefined ? '' : `: ${reason}`];
  return `${kind}: asked for by ${requestedBy}, approved by ${decidedBy ?? 'nobody'}${end}${why}`;
}

/** What there is of requests, so that nobody wonders why theirs does not count. */
export function approvalEvidence({ configuration }: Facts, { featureId }: Feature, kind: string): string[] {
  const requests = configuration.approvals.filter((each) => each.kind === kind && each.subjectId === featureId);
  if (requests.length === 0) return [`no request of kind ${kind} for ${featureId}`];
  return requests.map((each) => `${approvalText(each)} (${each.status}); two different people are needed`);
}

function freeFeatures({ configuration }: Facts): Feature[] {
  return configuration.features.filter(({ quotaCost }) => whole(quotaCost) === 0);
}

function isFloored(kind: Costliness['kind']): boolean {
  return kind === 'video' || kind === 'ai';
}

function below(facts: Facts, isBelow: (found: { cost: number; kind: Costliness['kind'] }) => boolean): Hit[] {
  return facts.configuration.features.flatMap((feature) => {
    const cost = whole(feature.quotaCost);
    if (cost === undefined) return [];
    const { kind, why } = costlinessOf(facts, feature);
    if (!isBelow({ cost, kind })) return [];
    const floor = kind === 'video' ? FLOORS.video : FLOORS.expensive;
    const [zh, en] = kind === 'video' ? ['视频', 'a film'] : ['AI', 'work of models'];
    return [
      {
        path: pathTo(feature),
        message: { zh: `${zh}功能只消耗 ${cost} 个配额`, en: `${en} for ${cost} of quota` },
        evidence: [`${why}; quotaCost ${cost} < ${floor}`],
      },
    ];
  });
}
