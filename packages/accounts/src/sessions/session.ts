/** The row that decides what a refresh token may do. */
export type SessionState = { generation: number; rotated_at: Date; expires_at: Date; ended_at: Date | null };

/**
 * How long the token before the newest may still ask for its successor: tabs that wake together, and answers that were
 * lost on the way, come within seconds; a stolen token rarely does.
 */
export const GRACE_MS = 30_000;

const DAY_MS = 86_400_000;
const USER_AGENT_LENGTH = 200;

export type RefreshVerdict = 'rotate' | 'repeat' | 'reused' | 'over';

/** What presenting the token of `generation` means to a session that was locked for it. */
export function judgeRefresh(session: SessionState, generation: number, now: Date): RefreshVerdict {
  if (session.ended_at !== null || session.expires_at <= now) return 'over';
  if (generation === session.generation) return 'rotate';
  const ageMs = now.getTime() - session.rotated_at.getTime();
  return generation === session.generation - 1 && ageMs <= GRACE_MS ? 'repeat' : 'reused';
}

/** When a session ends that is not refreshed again. */
export function sessionEnd(now: Date, refreshTtlDays: number): Date {
  return new Date(now.getTime() + refreshTtlDays * DAY_MS);
}

/** What a member reads in the list of sessions: one line of bounded length. */
export function readableUserAgent(header: string): string {
  return Array.from(header.replaceAll(/\p{Cc}+/gu, ' ').trim())
    .slice(0, USER_AGENT_LENGTH)
    .join('');
}
