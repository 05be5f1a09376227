-- Why: a feature may be free when two people agreed, a trial says how it ends, and what the guard found at night is kept.
ALTER TABLE feature_definitions
  ADD COLUMN launch_plan VARCHAR(500) NULL,
  ADD COLUMN free_approval_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  DROP CONSTRAINT ck_feature_definitions_cost,
  ADD CONSTRAINT ck_feature_definitions_cost CHECK (quota_cost >= 0 AND (quota_cost = 0) = (free_approval_id IS NOT NULL)),
  ADD CONSTRAINT fk_feature_definitions_free FOREIGN KEY (free_approval_id) REFERENCES approvals (id);

-- A foreign key can not see that the approval was granted, and for this feature.
CREATE TRIGGER feature_definitions_free_insert BEFORE INSERT ON feature_definitions FOR EACH ROW
  IF NEW.quota_cost = 0 AND NOT EXISTS (SELECT 1 FROM approvals a WHERE a.id = NEW.free_approval_id AND a.kind = 'free_feature' AND a.status = 'approved' AND a.subject_type = 'feature' AND a.subject_id = NEW.feature_id) THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a free feature needs the approval of two people'; END IF;

CREATE TRIGGER feature_definitions_free_update BEFORE UPDATE ON feature_definitions FOR EACH ROW
  IF NEW.quota_cost = 0 AND NOT EXISTS (SELECT 1 FROM approvals a WHERE a.id = NEW.free_approval_id AND a.kind = 'free_feature' AND a.status = 'approved' AND a.subject_type = 'feature' AND a.subject_id = NEW.feature_id) THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a free feature needs the approval of two people'; END IF;

-- A free task is a task: it has a charge of 0 that ends once, and the ledger says so.
ALTER TABLE tasks
  DROP CONSTRAINT ck_tasks_cost,
  ADD CONSTRAINT ck_tasks_cost CHECK (quota_cost >= 0);

ALTER TABLE quota_charges
  DROP CONSTRAINT ck_quota_charges_amount,
  ADD CONSTRAINT ck_quota_charges_amount CHECK (amount >= 0);

ALTER TABLE quota_logs
  DROP CONSTRAINT ck_quota_logs_sign,
  ADD CONSTRAINT ck_quota_logs_sign CHECK ((kind = 'grant' AND amount > 0) OR (kind = 'refund' AND amount >= 0) OR (kind = 'charge' AND amount <= 0) OR (kind IN ('expire', 'clawback') AND amount < 0));

-- What a review of the whole installation found.
CREATE TABLE guard_reports (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  verdict VARCHAR(20) NOT NULL,
  failures INT NOT NULL,
  warnings INT NOT NULL,
  report JSON NOT NULL,
  duration_ms INT NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  KEY ix_guard_reports_age (created_at),
  CONSTRAINT ck_guard_reports_verdict CHECK (verdict IN ('PASS', 'PASS-WITH-WARNING', 'FAIL', 'UNJUDGED')),
  CONSTRAINT ck_guard_reports_counts CHECK (failures >= 0 AND warnings >= 0 AND duration_ms >= 0)
) ENGINE = InnoDB;
