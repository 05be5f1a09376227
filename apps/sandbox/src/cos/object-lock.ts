import { VendorError } from '../vendor-call.ts';
import type { CosRequest } from './cos-request.ts';

const MODE = 'x-cos-object-lock-mode';
const UNTIL = 'x-cos-object-lock-retain-until-date';

/** How an object wants to be kept. */
export type WishedLock = { lockedUntil: Date | undefined; forbidsOverwrite: boolean };

/** The lock a PUT asks for. The one mode is COMPLIANCE: nobody can shorten it. */
export function readLock(request: CosRequest, now: Date): WishedLock {
  const forbidsOverwrite = request.headers['x-cos-forbid-overwrite'] === 'true';
  const { [MODE]: mode, [UNTIL]: until } = request.headers;
  if (mode === undefined && until === undefined) return { lockedUntil: undefined, forbidsOverwrite };
  const lockedUntil = new Date(until ?? '');
  if (mode !== 'COMPLIANCE' || Number.isNaN(lockedUntil.getTime()) || lockedUntil <= now)
    throw new VendorError(400, 'InvalidArgument', 'invalid object lock header');
  return { lockedUntil, forbidsOverwrite };
}

/** What GET and HEAD say of a locked object. */
export function lockHeaders({ lockedUntil }: { lockedUntil?: Date | undefined }): Record<string, string> {
  return lockedUntil === undefined ? {} : { [MODE]: 'COMPLIANCE', [UNTIL]: lockedUntil.toISOString() };
}

/** Refuses to touch what is locked, and to replace what must not be replaced. */
export function assertReplaceable(
  existing: { lockedUntil?: Date | undefined } | undefined,
  at: { now: Date; forbidsOverwrite?: boolean },
): void {
  if (existing === undefined) return;
  if (at.forbidsOverwrite === true)
    throw new VendorError(
      409,
      'FileAlreadyExists',
      'The object you specified already exists and can not be overwritten.',
    );
  if (existing.lockedUntil !== undefined && existing.lockedUntil > at.now)
    throw new VendorError(403, 'AccessDenied', 'The object is under object lock.');
}
