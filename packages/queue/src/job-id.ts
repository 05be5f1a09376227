/** Which promise a delivery belongs to, and which delivery of it this is (1 is the first). */
export type JobMeta = { outboxId: number; attempt: number };

/**
 * The id a delivery has in Redis. The attempt is part of it: BullMQ ignores an id it still knows, and a redelivery must
 * never be ignored. No colon, which BullMQ keeps for itself.
 */
export function jobIdOf(meta: JobMeta): string {
  return `${meta.outboxId}-${meta.attempt}`;
}

/** The reverse of jobIdOf; undefined for an id that jobIdOf never made. */
export function readJobId(jobId: string | undefined): JobMeta | undefined {
  const [, outboxId, attempt] = /^([1-9]\d{0,15})-([1-9]\d{0,8})$/.exec(jobId ?? '') ?? [];
  return outboxId === undefined || attempt === undefined
    ? undefined
    : { outboxId: Number(outboxId), attempt: Number(attempt) };
}
