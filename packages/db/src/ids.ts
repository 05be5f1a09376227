import { monotonicFactory } from 'ulid';

const next = monotonicFactory();

/** A fresh ULID; within one process each sorts after the one before. */
export function newId(): string {
  return next();
}
