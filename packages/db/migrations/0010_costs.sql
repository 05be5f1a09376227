-- Why: what vendors cost has a price list, weekly budgets, and somebody who is told; members hear of low quota.
-- A price may be ended once and is otherwise as it was written; one of an item is open at a time.
ALTER TABLE unit_prices
  ADD COLUMN open_item VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin AS (CASE WHEN valid_to IS NULL THEN item END) STORED,
  ADD UNIQUE KEY uq_unit_prices_open (open_item),
  ADD KEY ix_unit_prices_end (valid_to);

CREATE TRIGGER unit_prices_no_delete BEFORE DELETE ON unit_prices FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'unit_prices is append-only';

CREATE TRIGGER unit_prices_end_once BEFORE UPDATE ON unit_prices FOR EACH ROW
  IF OLD.valid_to IS NOT NULL OR NEW.id <> OLD.id OR NEW.item <> OLD.item OR NEW.unit <> OLD.unit OR NEW.micro_yuan <> OLD.micro_yuan OR NEW.valid_from <> OLD.valid_from THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a unit price can only be ended'; END IF;

-- Sums of a period by feature and item come from the index alone.
ALTER TABLE cost_entries
  DROP KEY ix_cost_entries_posted,
  ADD KEY ix_cost_entries_posted (posted_at, feature_id, item, kind, amount_micro_yuan),
  ADD KEY ix_cost_entries_item (item, id);

-- What each attempt so far was written down to cost.
INSERT INTO cost_entries (kind, item, vendor, provider_ref, amount_micro_yuan, attempt_id, task_id, feature_id, user_id, effect_key, occurred_at, posted_at)
  SELECT 'estimate', CONCAT('provider:', a.provider_ref), e.kind, a.provider_ref, a.cost_micro_yuan, a.id, a.task_id, t.feature_id, t.user_id, CONCAT('attempt:', a.id, ':estimate'), a.started_at, a.started_at
    FROM task_attempts a JOIN tasks t ON t.id = a.task_id JOIN provider_endpoints e ON e.provider_ref = a.provider_ref;

INSERT INTO cost_entries (kind, item, vendor, provider_ref, amount_micro_yuan, attempt_id, task_id, feature_id, user_id, effect_key, occurred_at, posted_at)
  SELECT 'settlement', CONCAT('provider:', a.provider_ref), e.kind, a.provider_ref, a.settled_cost_micro_yuan - a.cost_micro_yuan, a.id, a.task_id, t.feature_id, t.user_id, CONCAT('attempt:', a.id, ':settle'), COALESCE(a.finished_at, a.started_at), COALESCE(a.finished_at, a.started_at)
    FROM task_attempts a JOIN tasks t ON t.id = a.task_id JOIN provider_endpoints e ON e.provider_ref = a.provider_ref
   WHERE a.settled_cost_micro_yuan IS NOT NULL;

-- What a task holds of its feature's and of the global budget of the week it was created in; given back when it ends.
ALTER TABLE tasks
  ADD COLUMN reserved_micro_yuan BIGINT NULL,
  ADD COLUMN reserved_in VARCHAR(8) NULL,
  ADD CONSTRAINT ck_tasks_reserved CHECK ((reserved_micro_yuan IS NULL) = (reserved_in IS NULL) AND (reserved_micro_yuan IS NULL OR reserved_micro_yuan >= 0)),
  ADD CONSTRAINT ck_tasks_reserved_in CHECK (reserved_in IN ('feature', 'global', 'both'));

-- A budget's week, from Monday in Asia/Shanghai. Open tasks created in it hold `reserved`; ended ones cost `spent`. A reservation writes what it
-- leads to and the limit in force, and the CHECK refuses it beyond.
CREATE TABLE budget_weeks (
  scope VARCHAR(72) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  week DATE NOT NULL,
  reserved_micro_yuan BIGINT NOT NULL DEFAULT 0,
  spent_micro_yuan BIGINT NOT NULL DEFAULT 0,
  judged_micro_yuan BIGINT NOT NULL DEFAULT 0,
  limit_micro_yuan BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (scope, week),
  KEY ix_budget_weeks_week (week),
  CONSTRAINT ck_budget_weeks_reserved CHECK (reserved_micro_yuan >= 0),
  CONSTRAINT ck_budget_weeks_spent CHECK (spent_micro_yuan >= 0),
  CONSTRAINT ck_budget_weeks_limit CHECK (judged_micro_yuan <= limit_micro_yuan)
) ENGINE = InnoDB;

INSERT INTO budget_weeks (scope, week, spent_micro_yuan)
  SELECT CONCAT('feature:', t.feature_id), DATE_SUB(DATE(t.created_at + INTERVAL 8 HOUR), INTERVAL WEEKDAY(t.created_at + INTERVAL 8 HOUR) DAY) AS first_day, SUM(c.amount_micro_yuan)
    FROM tasks t JOIN cost_entries c ON c.task_id = t.id
   WHERE t.finished_at IS NOT NULL AND c.attempt_id IS NOT NULL GROUP BY t.feature_id, first_day;

INSERT INTO budget_weeks (scope, week, spent_micro_yuan)
  SELECT 'global', b.week, SUM(b.spent_micro_yuan) FROM budget_weeks b GROUP BY b.week;

-- What people decide about the whole, one value a name.
CREATE TABLE settings (
  name VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  value JSON NOT NULL,
  revision INT NOT NULL DEFAULT 1,
  updated_by CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  updated_at DATETIME(3) NOT NULL,
  PRIMARY KEY (name),
  CONSTRAINT fk_settings_user FOREIGN KEY (updated_by) REFERENCES users (id),
  CONSTRAINT ck_settings_revision CHECK (revision > 0)
) ENGINE = InnoDB;

ALTER TABLE alerts
  ADD COLUMN acknowledged_at DATETIME(3) NULL,
  ADD COLUMN acknowledged_by CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN note VARCHAR(500) NULL,
  ADD KEY ix_alerts_open (acknowledged_at, id),
  ADD CONSTRAINT fk_alerts_acknowledger FOREIGN KEY (acknowledged_by) REFERENCES users (id),
  ADD CONSTRAINT ck_alerts_acknowledged CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL));

-- Who is told: a robot of a chat, or any system that takes signed JSON. Address and secret are sealed: the address of a robot is its key.
CREATE TABLE alert_targets (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(60) NOT NULL,
  format VARCHAR(10) NOT NULL,
  host VARCHAR(260) NOT NULL,
  sealed VARBINARY(4096) NOT NULL,
  key_version SMALLINT NOT NULL,
  kinds JSON NULL,
  is_enabled BOOLEAN NOT NULL,
  revision INT NOT NULL DEFAULT 1,
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  deleted_at DATETIME(3) NULL,
  PRIMARY KEY (id),
  CONSTRAINT ck_alert_targets_format CHECK (format IN ('wecom', 'feishu', 'json')),
  CONSTRAINT ck_alert_targets_revision CHECK (revision > 0)
) ENGINE = InnoDB;

CREATE TABLE alert_deliveries (
  alert_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  target_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  status VARCHAR(10) NOT NULL,
  tries INT NOT NULL DEFAULT 0,
  last_error VARCHAR(100) NULL,
  created_at DATETIME(3) NOT NULL,
  tried_at DATETIME(3) NULL,
  PRIMARY KEY (alert_id, target_id),
  KEY ix_alert_deliveries_status (status, created_at),
  CONSTRAINT fk_alert_deliveries_alert FOREIGN KEY (alert_id) REFERENCES alerts (id),
  CONSTRAINT fk_alert_deliveries_target FOREIGN KEY (target_id) REFERENCES alert_targets (id),
  CONSTRAINT ck_alert_deliveries_status CHECK (status IN ('waiting', 'sent', 'given_up')),
  CONSTRAINT ck_alert_deliveries_tries CHECK (tries >= 0)
) ENGINE = InnoDB;

-- What a member is told in the product, and perhaps by text message.
CREATE TABLE notices (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(40) NOT NULL,
  dedup_key VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  details JSON NOT NULL,
  sms VARCHAR(8) NULL,
  created_at DATETIME(3) NOT NULL,
  read_at DATETIME(3) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_notices_once (dedup_key),
  KEY ix_notices_user (user_id, id),
  KEY ix_notices_unread (user_id, read_at),
  CONSTRAINT fk_notices_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT ck_notices_kind CHECK (kind IN ('low_quota')),
  CONSTRAINT ck_notices_sms CHECK (sms IN ('wanted', 'sending', 'sent', 'refused', 'unknown'))
) ENGINE = InnoDB;

-- When the member agreed to text messages about low quota.
ALTER TABLE users ADD COLUMN low_quota_sms_at DATETIME(3) NULL;

-- What happens once a calendar day has happened.
CREATE TABLE calendar_runs (
  name VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  day DATE NOT NULL,
  done_at DATETIME(3) NOT NULL,
  PRIMARY KEY (name, day)
) ENGINE = InnoDB;
