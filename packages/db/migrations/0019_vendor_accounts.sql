-- Why: a vendor without bills still says what is left of our account: two readings and what was paid in between are what it consumed.
-- A reading is the account as the vendor said it at `at`, the first of its day in Asia/Shanghai; a top-up is what a person paid in, less than nothing where one was written wrongly.
CREATE TABLE vendor_account_entries (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  account VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(8) NOT NULL,
  day DATE NULL,
  micro_yuan BIGINT NOT NULL,
  micro_coins BIGINT NOT NULL,
  micro_yuan_per_coin BIGINT NULL,
  note VARCHAR(500) NULL,
  recorded_by CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  at DATETIME(3) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_vendor_account_entries_day (account, day),
  KEY ix_vendor_account_entries_at (account, kind, at),
  CONSTRAINT fk_vendor_account_entries_user FOREIGN KEY (recorded_by) REFERENCES users (id),
  CONSTRAINT ck_vendor_account_entries_kind CHECK (kind IN ('reading', 'top_up')),
  CONSTRAINT ck_vendor_account_entries_reading CHECK ((kind = 'reading') = (day IS NOT NULL) AND (day IS NULL) = (micro_yuan_per_coin IS NULL)),
  CONSTRAINT ck_vendor_account_entries_who CHECK ((kind = 'top_up') = (recorded_by IS NOT NULL)),
  CONSTRAINT ck_vendor_account_entries_amount CHECK (kind = 'top_up' OR (micro_yuan >= 0 AND micro_coins >= 0 AND micro_yuan_per_coin >= 0))
) ENGINE = InnoDB;

CREATE TRIGGER vendor_account_entries_no_update BEFORE UPDATE ON vendor_account_entries FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'vendor_account_entries is append-only';

CREATE TRIGGER vendor_account_entries_no_delete BEFORE DELETE ON vendor_account_entries FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'vendor_account_entries is append-only';
