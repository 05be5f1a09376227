-- Why: closed periods never change. A report of one is kept with the newest ledger rows there were; a row beyond them belongs to a later period.
CREATE TABLE report_periods (
  kind VARCHAR(5) NOT NULL,
  period VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  body JSON NOT NULL,
  sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  last_quota_log_id BIGINT NOT NULL,
  last_money_entry_id BIGINT NOT NULL,
  last_cost_entry_id BIGINT NOT NULL,
  closed_at DATETIME(3) NOT NULL,
  closed_by CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  PRIMARY KEY (kind, period),
  CONSTRAINT fk_report_periods_closer FOREIGN KEY (closed_by) REFERENCES users (id),
  CONSTRAINT ck_report_periods_kind CHECK (kind IN ('day', 'month', 'year'))
) ENGINE = InnoDB;

CREATE TRIGGER report_periods_no_update BEFORE UPDATE ON report_periods FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a closed period never changes';

CREATE TRIGGER report_periods_no_delete BEFORE DELETE ON report_periods FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a closed period never changes';

-- Whose membership would end when, as the closed day left it: who may have lapsed on a later day is found without reading everybody.
CREATE TABLE report_member_ends (
  day DATE NOT NULL,
  user_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  ends_at DATETIME(3) NOT NULL,
  PRIMARY KEY (day, user_id),
  KEY ix_report_member_ends_end (ends_at, user_id)
) ENGINE = InnoDB;

CREATE TRIGGER report_member_ends_no_update BEFORE UPDATE ON report_member_ends FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'report_member_ends is append-only';

CREATE TRIGGER report_member_ends_no_delete BEFORE DELETE ON report_member_ends FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'report_member_ends is append-only';

-- A day of the ledger is found by its times.
ALTER TABLE quota_logs ADD KEY ix_quota_logs_posted (created_at);
