export { backupBucket, type StoredFiles } from './keep/backup-bucket.ts';
export { backupFolder } from './keep/backup-folder.ts';
export type { BackupPlace } from './keep/backup-place.ts';
export type { Keep } from './keep/rotation.ts';
export { makeBackup, type Manifest } from './make-backup.ts';
export { restoreBackup, type Restored } from './restore-backup.ts';
export { createDatabase, dropDatabase } from './restore/database.store.ts';
export { BackupRefused } from './sealed/refused.ts';
export type { BackupKey } from './sealed/sealed-chunks.ts';
