import type { Clock, Db } from '@yunshang/db';
import type { ProviderRegistry } from '../providers/provider.ts';
import { countPoll, listAbandoned, settleLate, type AbandonedAttempt } from './attempt.store.ts';
import { submittedWork } from './background-step.ts';

/** Work is asked about for a day after its task ended, ever more rarely. */
const LOOK_BACK_MS = 86_400_000;
const PAUSE_MS = 60_000;
const CHECK_LIMIT_MS = 10_000;

type LateDeps = { db: Db; clock: Clock; providers: ProviderRegistry };

/** What vendors still did after its task had ended is a cost, and nothing else: the result is dropped. */
export async function recordLateCosts({ db, clock, providers }: LateDeps): Promise<number> {
  const now = clock.now();
  const abandoned = await listAbandoned(db, new Date(now.getTime() - LOOK_BACK_MS));
  let settled = 0;
  for (const attempt of abandoned.filter((one) => isDue(one, now))) {
    const provider = await providers.get(attempt.provider_ref);
    await countPoll(db, attempt.id);
    const call = {
      taskId: attempt.task_id,
      userId: attempt.user_id,
      stepIndex: attempt.step_index,
      attemptNo: attempt.attempt_no,
      endpoint: '',
      input: {},
      signal: AbortSignal.timeout(CHECK_LIMIT_MS),
    };
    const state = await provider?.background
      ?.check(call, { ...submittedWork(attempt), isLast: false })
      .catch(() => undefined);
    const isOver = state?.collect !== undefined || state?.failure !== undefined;
    if (!isOver) continue;
    const code = state?.collect === undefined ? 'late_failure' : 'late_success';
    const costMicroYuan = state?.costMicroYuan ?? attempt.cost_micro_yuan;
    if (await settleLate(db, attempt, { code, costMicroYuan, now: clock.now() })) settled += 1;
  }
  return settled;
}

function isDue({ finished_at: finishedAt, polls }: AbandonedAttempt, now: Date): boolean {
  return finishedAt === null || finishedAt.getTime() + PAUSE_MS * Math.min(polls, 30) <= now.getTime();
}
