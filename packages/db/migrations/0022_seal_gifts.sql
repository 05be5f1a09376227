-- Why: who redeemed which code, claimed from which campaign and was compensated for what is sealed into the audit chain too. The chain
-- names rows by a number that rises with each.
ALTER TABLE code_uses
  ADD COLUMN row_no BIGINT NOT NULL AUTO_INCREMENT,
  ADD UNIQUE KEY uq_code_uses_row (row_no);

ALTER TABLE campaign_claims
  ADD COLUMN row_no BIGINT NOT NULL AUTO_INCREMENT,
  ADD UNIQUE KEY uq_campaign_claims_row (row_no);

ALTER TABLE compensations
  ADD COLUMN row_no BIGINT NOT NULL AUTO_INCREMENT,
  ADD UNIQUE KEY uq_compensations_row (row_no);
