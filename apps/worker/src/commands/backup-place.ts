import { backupBucket, backupFolder, type BackupPlace } from '@yunshang/backup';
import { createCosStorage } from '@yunshang/pipeline';
import type { BackupCommandConfig } from './config.ts';

export function placeOf({ folder, bucket }: BackupCommandConfig): BackupPlace {
  if (folder !== undefined) return backupFolder(folder);
  if (bucket === undefined) throw new Error('there is no place for backups');
  return backupBucket(createCosStorage(bucket.cos), bucket.prefix);
}
