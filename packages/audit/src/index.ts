export { createSealer, type Sealed, type Sealer } from './chain/seal-rows.ts';
export { auditLagSeconds } from './chain/lag.ts';
export { SOURCES } from './chain/source.ts';
export {
  newSigningKeyText,
  parseSigningKey,
  parseVerifyingKeys,
  verifyingKeysOf,
  verifyingKeyText,
  type SigningKey,
  type VerifyingKeys,
} from './anchors/anchor-keys.ts';
export { anchorBucket, type BucketSettings, type LockedObjects } from './anchors/anchor-bucket.ts';
export { anchorFolder } from './anchors/anchor-folder.ts';
export type { AnchorPlace } from './anchors/anchor-place.ts';
export { findAnchorBefore } from './anchors/anchor.store.ts';
export { createAnchorer, type Anchorer, type Anchoring } from './anchors/make-anchors.ts';
export { verifyChain, type VerifyDeps, type VerifyOptions } from './verify/verify-chain.ts';
export { createVerifications, runVerifications, type Verifications } from './verify/verifications.ts';
export { verdictOf } from './verify/verification.store.ts';
export { listAuditLog } from './log/audit-log.store.ts';
export { watchAuditLag } from './chain/watch-lag.ts';
