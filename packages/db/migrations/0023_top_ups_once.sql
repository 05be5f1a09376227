-- Why: a top-up that is told again after a lost answer is the same one, and counts once. The key serves what the index before it did.
ALTER TABLE vendor_account_entries
  ADD UNIQUE KEY uq_vendor_account_entries_once (account, kind, at, micro_yuan, micro_coins),
  DROP KEY ix_vendor_account_entries_at;
