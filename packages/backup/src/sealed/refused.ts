/** The file can not be what a backup wrote under one of our keys; the message says why. */
export class BackupRefused extends Error {
  override readonly name = 'BackupRefused';
}
