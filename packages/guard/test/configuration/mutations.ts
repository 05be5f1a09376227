/** A mistake put into what a new installation begins with, and where the guard must see it. */
export type ConfigurationMutation = {
  readonly ruleId: string;
  readonly says: string;
  /** Parts by their path, as findings name them; undefined takes a part out. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** What comes on top. */
  readonly add?: Readonly<Record<string, readonly object[]>>;
  readonly at: string;
};

const CLEAN = 'features.basic_clean';
const POSES = 'features.model_pose12';
const FILM = 'features.weekly_drop_trailer';
const BETA = 'features.video_generate_beta';
const POSTER_STEPS = 'pipelines.promo_poster/1.steps';
const POSE_STEP = 'pipelines.model_pose12/1.steps.0';
const COMPOSE = `${POSTER_STEPS}.1.inputMapping`;
const BASIC = { planId: 'BASIC', level: 1, priceFen: 9_900, quota: 100, periodDays: 30 };

const approved = (kind: string, subjectId: string) => ({
  kind,
  subjectId,
  status: 'approved',
  requestedBy: 'li',
  decidedBy: 'wang',
});
const price = (microYuan: number, validFrom: string, validTo: string | null) => ({
  item: 'provider:tencent-ci',
  microYuan,
  validFrom: `${validFrom}T00:00:00.000Z`,
  validTo: validTo === null ? null : `${validTo}T00:00:00.000Z`,
});

export const CONFIGURATION_MUTATIONS: readonly ConfigurationMutation[] = [
  { ruleId: 'BG101', says: 'a plan costs yuan', set: { 'plans.BASIC/1.priceFen': 99.5 }, at: 'plans.BASIC/1.priceFen' },
  { ruleId: 'BG102', says: 'a plan grants nothing', set: { 'plans.PRO/1.quota': 0 }, at: 'plans.PRO/1.quota' },
  {
    ruleId: 'BG103',
    says: 'the shop window shows another price',
    add: { shownPlans: [{ ...BASIC, version: 1, priceFen: 8_900 }] },
    at: 'plans.BASIC/1.priceFen',
  },
  {
    ruleId: 'BG104',
    says: 'the higher plan is the cheaper one',
    set: { 'plans.PRO/1.priceFen': 9_800 },
    at: 'plans.PRO/1.priceFen',
  },
  { ruleId: 'BG105', says: 'two versions are on sale', add: { plans: [{ ...BASIC, version: 2 }] }, at: 'plans.BASIC' },
  { ruleId: 'BG110', says: 'a use gives quota', set: { [`${CLEAN}.quotaCost`]: -1 }, at: `${CLEAN}.quotaCost` },
  { ruleId: 'BG111', says: 'a feature is free', set: { [`${CLEAN}.quotaCost`]: 0 }, at: `${CLEAN}.quotaCost` },
  {
    ruleId: 'BG112',
    says: 'a feature is free, and two agreed',
    set: { [`${CLEAN}.quotaCost`]: 0 },
    add: { approvals: [approved('free_feature', 'basic_clean')] },
    at: `${CLEAN}.quotaCost`,
  },
  { ruleId: 'BG113', says: 'twelve poses for one unit', set: { [`${POSES}.quotaCost`]: 1 }, at: `${POSES}.quotaCost` },
  { ruleId: 'BG114', says: 'a film for three units', set: { [`${FILM}.quotaCost`]: 3 }, at: `${FILM}.quotaCost` },
  {
    ruleId: 'BG115',
    says: 'the vendor’s price has gone up tenfold',
    set: { 'providers.runninghub-a.unitCostMicroYuan': 5_000_000 },
    at: `${POSES}.quotaCost`,
  },
  {
    ruleId: 'BG116',
    says: 'below cost, and two agreed',
    set: { 'providers.runninghub-a.unitCostMicroYuan': 5_000_000 },
    add: { approvals: [approved('below_cost', 'model_pose12')] },
    at: `${POSES}.quotaCost`,
  },
  {
    ruleId: 'BG117',
    says: 'the vendor’s price has gone up fourfold',
    set: { 'providers.runninghub-a.unitCostMicroYuan': 2_000_000 },
    at: `${POSES}.quotaCost`,
  },
  {
    ruleId: 'BG118',
    says: 'ten tries of both accounts',
    set: { [`${POSE_STEP}.retry.maxAttempts`]: 10 },
    at: `${POSES}.quotaCost`,
  },
  {
    ruleId: 'BG119',
    says: 'the cloud function costs nobody knows what',
    set: { 'providers.scf-main.unitCostMicroYuan': 0 },
    at: 'providers.scf-main.unitCostMicroYuan',
  },
  {
    ruleId: 'BG120',
    says: 'films without limits',
    set: { [`${FILM}.rateLimitPolicy`]: null },
    at: `${FILM}.rateLimitPolicy`,
  },
  {
    ruleId: 'BG121',
    says: 'sixty films an hour',
    set: { [`${FILM}.rateLimitPolicy.maxPerHour`]: 60 },
    at: `${FILM}.rateLimitPolicy.maxPerHour`,
  },
  {
    ruleId: 'BG122',
    says: 'a film every second',
    set: { [`${FILM}.rateLimitPolicy.cooldownSeconds`]: 1 },
    at: `${FILM}.rateLimitPolicy.cooldownSeconds`,
  },
  {
    ruleId: 'BG123',
    says: 'the clean-up without limits',
    set: { [`${CLEAN}.rateLimitPolicy`]: null },
    at: `${CLEAN}.rateLimitPolicy`,
  },
  {
    ruleId: 'BG124',
    says: 'a limit of none',
    set: { [`${CLEAN}.rateLimitPolicy.maxPerDay`]: 0 },
    at: `${CLEAN}.rateLimitPolicy.maxPerDay`,
  },
  {
    ruleId: 'BG125',
    says: 'films without a budget',
    set: { [`${FILM}.weeklyBudgetFen`]: null },
    at: `${FILM}.weeklyBudgetFen`,
  },
  {
    ruleId: 'BG126',
    says: 'a budget in yuan',
    set: { [`${FILM}.weeklyBudgetFen`]: 1000.5 },
    at: `${FILM}.weeklyBudgetFen`,
  },
  {
    ruleId: 'BG130',
    says: 'a whitelist of nobody',
    set: { [`${BETA}.allowedAccounts`]: [] },
    at: `${BETA}.allowedAccounts`,
  },
  { ruleId: 'BG131', says: 'a trial without an end', set: { [`${BETA}.launchPlan`]: ' ' }, at: `${BETA}.launchPlan` },
  {
    ruleId: 'BG132',
    says: 'a level that nobody sells',
    set: { [`${FILM}.planRequired`]: 9 },
    at: `${FILM}.planRequired`,
  },
  {
    ruleId: 'BG140',
    says: 'a step that may take for ever',
    set: { [`${POSE_STEP}.timeoutSeconds`]: undefined },
    at: `${POSE_STEP}.timeoutSeconds`,
  },
  {
    ruleId: 'BG141',
    says: 'asking for an hour',
    set: { [`${POSE_STEP}.polling.maxAttempts`]: 360 },
    at: `${POSE_STEP}.polling`,
  },
  {
    ruleId: 'BG142',
    says: 'steps that outlast their task',
    set: { 'pipelines.promo_poster/1.maxExecutionSeconds': 100 },
    at: 'pipelines.promo_poster/1.maxExecutionSeconds',
  },
  {
    ruleId: 'BG143',
    says: 'a failure keeps the quota',
    set: { 'pipelines.promo_poster/1.onFailure': 'no_refund' },
    at: 'pipelines.promo_poster/1.onFailure',
  },
  {
    ruleId: 'BG144',
    says: 'on with an invented result',
    set: { [`${POSTER_STEPS}.0.continueOnError`]: true },
    at: `${POSTER_STEPS}.0.continueOnError`,
  },
  {
    ruleId: 'BG145',
    says: 'one account for all poses',
    set: { [`${POSE_STEP}.providerCandidates`]: ['runninghub-a'] },
    at: `${POSE_STEP}.providerCandidates`,
  },
  {
    ruleId: 'BG146',
    says: 'a provider that is not there',
    set: { [`${POSE_STEP}.providerCandidates`]: ['kling'] },
    at: `${POSE_STEP}.providerCandidates`,
  },
  {
    ruleId: 'BG150',
    says: 'a step reads what it is to make',
    set: { [`${COMPOSE}.image`]: '${steps[1].output.image}' },
    at: `${COMPOSE}.image`,
  },
  {
    ruleId: 'BG151',
    says: 'a step is given our key',
    set: { [`${COMPOSE}.key`]: '${env.WECHAT_API_V3_KEY}' },
    at: `${COMPOSE}.key`,
  },
  {
    ruleId: 'BG152',
    says: 'a step reads the machine’s name',
    set: { [`${COMPOSE}.node`]: '${env.HOSTNAME}' },
    at: `${COMPOSE}.node`,
  },
  {
    ruleId: 'BG153',
    says: 'a source of no kind',
    set: { [`${COMPOSE}.title`]: '${headline}' },
    at: `${COMPOSE}.title`,
  },
  {
    ruleId: 'BG160',
    says: 'any number of photos',
    set: { 'forms.weekly_drop_trailer/1.fields.0.validation.maxCount': undefined },
    at: 'forms.weekly_drop_trailer/1.fields.0.validation.maxCount',
  },
  {
    ruleId: 'BG161',
    says: 'a film of any length',
    set: { 'forms.basic_clean/1.fields.0.type': 'video' },
    at: 'forms.basic_clean/1.fields.0.validation.maxDuration',
  },
  {
    ruleId: 'BG162',
    says: 'words without end',
    set: { 'forms.promo_poster/1.fields.1.validation.maxLength': undefined },
    at: 'forms.promo_poster/1.fields.1.validation.maxLength',
  },
  {
    ruleId: 'BG170',
    says: 'a price in yuan',
    set: { 'providers.tencent-ci.unitCostMicroYuan': 0.03 },
    at: 'providers.tencent-ci.unitCostMicroYuan',
  },
  {
    ruleId: 'BG171',
    says: 'a month without a price',
    add: {
      unitPrices: [price(30_000, '2026-01-01', '2026-02-01'), price(31_000, '2026-03-01', null)],
    },
    at: 'unitPrices.provider:tencent-ci',
  },
];
