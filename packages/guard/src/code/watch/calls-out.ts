import type { Place } from '../project/file-model.ts';
import { originsOf, stringOf, type Value } from '../values/value.ts';
import { learn, type Frame } from '../walk/state.ts';
import { at, isChargeEntry, movesOf, wayTo, type Moment, type Watch } from './moment.ts';

/** Calls that make nothing and cost next to nothing: asking, proving, telling. */
const SIDE_CALL =
  /captcha|verif|moderat|check|auth|token|login|oauth|sms|mail|notif|alert|slack|dingtalk|feishu|lark|webhook|sign(?!al)|sts|geo|risk|search|query|status|poll|health|ping|metric|log|track|event|embed|translate|order|pay|refund|upload|put_?object|storage|cos|s3|oss|quote|price/i;

/** BG210–BG214: calls to vendors and queues. */
export const watchCallsOut: Watch = (moment) => {
  const { w } = moment;
  /** Moves of which it shows only later whether they charge. */
  const undirected: {
    readonly frame: number | undefined;
    readonly work: readonly Work[];
    readonly place: Place;
  }[] = [];
  return {
    on: (effect) => {
      switch (effect.kind) {
        case 'network': {
          const { call, place } = effect;
          const frame = openFrame(moment);
          if (frame !== undefined) reportInside(moment, { frame, place, what: call.label, ruleId: 'BG210' });
          if (isWork(call.method, `${call.label} ${call.url}`)) {
            if (!w.state.facts.has('charged'))
              learn(w.state, `work:${at(place)}`, { place, frame: undefined, note: call.label });
            if (call.isRepeated && !call.hasKey) report213(moment, place, call.label);
          }
          return;
        }
        case 'enqueue': {
          const frame = openFrame(moment);
          if (frame !== undefined)
            reportInside(moment, { frame, place: effect.place, what: effect.library, ruleId: 'BG212' });
          if (
            effect.jobId !== undefined &&
            /^(?:bullmq|bull|@nestjs\/bull)/.test(effect.library) &&
            !effect.isForgotten &&
            isPlainId(effect.jobId)
          )
            report214(moment, effect.place);
          return;
        }
        case 'statement': {
          const moves = movesOf(moment.roles, effect.result.query);
          const isCharge = moves.some(({ step }) => step === '-') || isChargeEntry(moment.roles, effect.result.query);
          const isMove = isCharge || moves.some(({ step }) => step === undefined);
          const { place, result } = effect;
          if (isMove && !w.state.facts.has('charged')) {
            const work = workBefore(moment);
            if (isCharge) reportLate(moment, work, place);
            else if (work.length > 0) undirected.push({ frame: result.frame, work, place });
          }
          if (isCharge)
            for (const each of undirected) if (each.frame === result.frame) reportLate(moment, each.work, each.place);
          if (isMove) learn(w.state, 'charged', { place, frame: result.frame, note: '' });
          return;
        }
        default:
      }
    },
  };
};

function openFrame({ w }: Moment): Frame | undefined {
  return w.state.frames.at(-1);
}

function isWork(method: string, about: string): boolean {
  return (
    method !== 'GET' &&
    method !== 'HEAD' &&
    method !== 'OPTIONS' &&
    !SIDE_CALL.test(about.replaceAll(/https?:\/\/[\w.-]+/g, ''))
  );
}

type Inside = {
  readonly frame: Frame;
  readonly place: Place;
  readonly what: string;
  readonly ruleId: 'BG210' | 'BG212';
};

function reportInside(moment: Moment, { frame, place, what, ruleId }: Inside): void {
  const site = moment.w.stack[frame.depth + 1]?.from ?? place;
  const evidence = [
    `the transaction is begun at ${at(frame.place)} and open here`,
    wayTo(moment, place),
    ...(site === place ? [] : [`the call itself is at ${at(place)}`]),
  ];
  const message =
    ruleId === 'BG210'
      ? { zh: `事务未提交时调用外部服务（${what}）`, en: `A vendor is called (${what}) while a transaction is open` }
      : {
          zh: `事务未提交时把任务放入队列（${what}）`,
          en: `A job is put into a queue (${what}) while a transaction is open`,
        };
  moment.report({ ruleId, place: site, message, evidence });
}

function report213(moment: Moment, place: Place, what: string): void {
  moment.report({
    ruleId: 'BG213',
    place,
    message: {
      zh: `重试会重复提交付费请求（${what}），且没有幂等键`,
      en: `A paid request (${what}) is sent again on failure without a key that tells the vendor it is the same`,
    },
    evidence: [
      wayTo(moment, place),
      'the call is in a loop that goes on until it comes out well; a time-out does not say that nothing was done',
    ],
  });
}

/** A vendor's work that nobody had paid for. */
type Work = { readonly place: Place; readonly note: string };

function workBefore({ w }: Moment): Work[] {
  return [...w.state.facts].filter(([key]) => key.startsWith('work:')).map(([, fact]) => fact);
}

function reportLate(moment: Moment, work: readonly Work[], charge: Place): void {
  for (const { place, note } of work)
    moment.report({
      ruleId: 'BG211',
      place,
      message: { zh: `先调用供应商（${note}），后扣配额`, en: `The vendor works (${note}) before quota is taken` },
      evidence: [wayTo(moment, charge), `quota is taken afterwards, at ${at(charge)}`],
    });
}

const ANOTHER =
  /attempt|retry|retries|tries|version|seq|nonce|uuid|random|date|time|now|run|epoch|ulid|nanoid|round|outbox|revision/i;

/** Made of names that stay the same when the same work is queued again. */
function isPlainId(value: Value): boolean {
  const parts = originsOf(value)
    .flatMap((part) => (isText(part) ? part.args.flatMap(originsOf) : [part]))
    .filter(({ kind }) => kind !== 'text');
  const names = parts.flatMap((part) => {
    if (part.kind === 'input') return [part.path.join('.')];
    if (part.kind === 'column') return [part.column];
    if (part.kind === 'literal') return [stringOf(part) ?? String(part.value)];
    return [];
  });
  const isKnown = parts.every(({ kind }) => kind === 'input' || kind === 'column' || kind === 'literal');
  return isKnown && parts.some(({ kind }) => kind !== 'literal') && !names.some((name) => ANOTHER.test(name));
}

/** `String(id)` says what the id says. */
function isText(value: Value): value is Extract<Value, { kind: 'external' }> {
  return value.kind === 'external' && value.source === 'global' && value.path[0] === 'String';
}

function report214(moment: Moment, place: Place): void {
  moment.report({
    ruleId: 'BG214',
    place,
    message: {
      zh: '任务号不含尝试次数：完成后再次入队会被队列吞掉',
      en: 'The job id does not change with the attempt: queued again after it has ended, the job is swallowed',
    },
    evidence: [
      wayTo(moment, place),
      'the queue remembers the ids of jobs that have ended, and these options do not make it forget both completed and failed ones',
    ],
  });
}
