import type { RawSession } from '@yunshang/db';
import { BackupRefused } from '../sealed/refused.ts';
import type { About, Frame, Sums } from '../snapshot/frame.ts';
import type { OnProgress } from '../snapshot/read-snapshot.ts';
import { assertEmpty } from './database.store.ts';

/** Statements between two commits. */
const COMMIT_EVERY = 50;

export type Written = { about: About; sums: Sums };

/** Writes the frames of a backup into an empty database. Triggers come last: they are about changes, and this is none. */
export async function writeSnapshot(
  session: RawSession,
  frames: AsyncIterable<Frame>,
  onProgress?: OnProgress,
): Promise<Written> {
  await assertEmpty(session);
  // Rows come in the order of the tables' names, not of their keys; each is as it was, a 0 in a counted column too.
  await session.read('SET SESSION foreign_key_checks = 0, autocommit = 0');
  await session.read("SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')");
  let about: About | undefined;
  let sums: Sums | undefined;
  let statements = 0;
  for await (const frame of frames) {
    if (sums !== undefined) throw new BackupRefused('more follows its end');
    if (frame.kind === 'about') {
      if (about !== undefined) throw new BackupRefused('it begins twice');
      ({ about } = frame);
      for (const { create } of about.tables) await session.read(create);
    } else if (about === undefined) throw new BackupRefused('it does not say what it is');
    else if (frame.kind === 'rows') {
      await session.read(frame.statement);
      statements += 1;
      if (statements % COMMIT_EVERY === 0) await session.read('COMMIT');
      onProgress?.(frame.table, statements);
    } else ({ sums } = frame);
  }
  if (about === undefined || sums === undefined) throw new BackupRefused('it is cut short');
  await session.read('COMMIT');
  for (const { create } of [...about.triggers, ...about.procedures]) await session.read(create);
  return { about, sums };
}
