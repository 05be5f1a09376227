import { anchorBucket, anchorFolder, type AnchorPlace } from '@yunshang/audit';
import { createCosStorage } from '@yunshang/pipeline';
import type { AuditCommandConfig } from './config.ts';

/** Where anchors are read from; nothing is written there. */
export function anchorPlaces({ anchorDir, bucket }: Pick<AuditCommandConfig, 'anchorDir' | 'bucket'>): AnchorPlace[] {
  return [
    ...(anchorDir === undefined ? [] : [anchorFolder(anchorDir)]),
    ...(bucket === undefined
      ? []
      : [anchorBucket(createCosStorage(bucket.cos), { prefix: bucket.prefix, retentionDays: 1 })]),
  ];
}
