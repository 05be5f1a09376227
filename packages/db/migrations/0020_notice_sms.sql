-- Why: a member who agreed is texted once a period at most. Each message is claimed before it leaves, and the row says how that ended.
ALTER TABLE notices
  ADD COLUMN sms_tries SMALLINT NOT NULL DEFAULT 0,
  ADD COLUMN sms_error VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN sms_at DATETIME(3) NULL,
  DROP CONSTRAINT ck_notices_sms,
  ADD CONSTRAINT ck_notices_text CHECK (sms IN ('wanted', 'sending', 'sent', 'unknown', 'skipped', 'refused')),
  ADD CONSTRAINT ck_notices_tries CHECK (sms_tries >= 0 AND (sms IS NOT NULL OR sms_tries = 0));
