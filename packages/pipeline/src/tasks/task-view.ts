import { ERRORS, assertNever, isErrorCode, type Task, type TaskCharge, type TaskEvent } from '@yunshang/contracts';
import { fromJson } from '@yunshang/db';
import { z } from 'zod';
import { stageText } from './stage.ts';
import type { EventRow, OutputRow, OwnTaskRow } from './task.store.ts';

const inputSchema = z.record(z.string(), z.json());

/** What a member sees of a task: no providers, attempts, leases or vendor ids. */
export function toTask(row: OwnTaskRow, outputs: readonly OutputRow[]): Task {
  return {
    id: row.id,
    featureId: row.feature_id,
    status: row.status,
    percent: row.percent,
    stage: stageText(row.stage),
    input: inputSchema.parse(fromJson(row.input)),
    charge: chargeOf({ amount: row.charge_amount, status: row.charge_status }),
    outputs: outputs.map((output) => ({
      assetId: output.id,
      contentType: output.content_type,
      width: output.width,
      height: output.height,
    })),
    failure: row.failure_code === null ? null : failureOf(row.failure_code),
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}

/** What became of the charge. Its status moves in the transaction that writes the ledger row, so the words are the ledger's. */
export function chargeOf(charge: { amount: number; status: 'held' | 'settled' | 'refunded' }): TaskCharge {
  const { amount: cost, status } = charge;
  if (cost === 0)
    return { cost, charged: 0, refunded: status === 'refunded', zh: '免费，不消耗配额', en: 'Free of charge' };
  switch (status) {
    case 'held':
      return {
        cost,
        charged: cost,
        refunded: false,
        zh: `已预扣 ${cost} 配额，失败自动退还`,
        en: `${cost} quota held; returned if it fails`,
      };
    case 'settled':
      return { cost, charged: cost, refunded: false, zh: `已扣除 ${cost} 配额`, en: `${cost} quota charged` };
    case 'refunded':
      return { cost, charged: 0, refunded: true, zh: '未扣除配额', en: 'You were not charged' };
    default:
      return assertNever(status);
  }
}

/** One move as its watchers see it. */
export function toEvent(row: EventRow): TaskEvent {
  return {
    taskId: row.task_id,
    status: row.status,
    percent: row.percent,
    stage: stageText(row.stage),
    at: row.created_at.toISOString(),
  };
}

function failureOf(code: string): Task['failure'] {
  const known = isErrorCode(code) ? code : 'PROVIDER_FAILED';
  return { code: known, zh: ERRORS[known].zh, en: ERRORS[known].en };
}
