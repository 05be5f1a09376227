export { appendMovements, listHistory, lockUser, type LockedUser, type Movement } from './quota/ledger.store.ts';
export { getBalance, grantQuota, type NewGrant } from './quota/grant.store.ts';
export { refundCharge, settleCharge } from './quota/end-charge.ts';
export { writeOffEndedGrants } from './quota/write-off-ended-grants.ts';
