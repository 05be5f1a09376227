export { platformKeys, startPlatform } from './platform.ts';
export type { Fault, JobToInvoke, Platform, ReceivedCallback, StoredFile } from './platform.ts';
