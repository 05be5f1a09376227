-- Why: plans can be sold by the month, and quota that nobody paid for has a row that says where it came from.
-- A plan says its length in one unit. At most one version of a plan is on sale and one is being drafted.
ALTER TABLE plans
  MODIFY COLUMN period_days SMALLINT NULL,
  ADD COLUMN period_months SMALLINT NULL,
  ADD COLUMN created_by CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN published_at DATETIME(3) NULL,
  ADD COLUMN archived_at DATETIME(3) NULL,
  ADD COLUMN on_sale VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin AS (CASE WHEN status = 'published' THEN plan_id END) STORED,
  ADD COLUMN drafted VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin AS (CASE WHEN status = 'draft' THEN plan_id END) STORED,
  ADD UNIQUE KEY uq_plans_on_sale (on_sale),
  ADD UNIQUE KEY uq_plans_drafted (drafted),
  ADD CONSTRAINT fk_plans_maker FOREIGN KEY (created_by) REFERENCES users (id),
  ADD CONSTRAINT ck_plans_months CHECK (period_months BETWEEN 1 AND 36),
  ADD CONSTRAINT ck_plans_unit CHECK ((period_days IS NULL) <> (period_months IS NULL));

-- What has been sold stays what it was: only its status moves.
CREATE TRIGGER plans_published_frozen BEFORE UPDATE ON plans FOR EACH ROW
  IF OLD.status <> 'draft' AND NOT (NEW.plan_id = OLD.plan_id AND NEW.version = OLD.version AND NEW.level = OLD.level AND NEW.title = OLD.title AND NEW.title_en = OLD.title_en AND NEW.price_fen = OLD.price_fen AND NEW.quota = OLD.quota AND NEW.period_days <=> OLD.period_days AND NEW.period_months <=> OLD.period_months) THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a plan that was published does not change'; END IF;

-- anchor_at: where a chain of monthly periods began; its day of the month is kept. anchor_months: months from there to ends_at.
ALTER TABLE membership_periods
  ADD COLUMN anchor_at DATETIME(3) NULL,
  ADD COLUMN anchor_months SMALLINT NULL,
  ADD CONSTRAINT ck_membership_periods_anchor CHECK ((anchor_at IS NULL) = (anchor_months IS NULL)),
  ADD CONSTRAINT ck_membership_periods_months CHECK (anchor_months > 0);

-- How long what was bought lasts, where its plan says it in months: it is known when it is paid, and does not change.
ALTER TABLE orders
  ADD COLUMN bought_ms BIGINT NULL,
  ADD CONSTRAINT ck_orders_bought CHECK (bought_ms > 0);

-- One sign-up grant an account: its key is made of the account.
ALTER TABLE quota_grants
  ADD CONSTRAINT ck_quota_grants_signup CHECK (source <> 'signup' OR effect_key = CONCAT('signup:', user_id));

-- Codes that are printed together. `approval_id`: the second person's word, where the batch is large.
CREATE TABLE code_batches (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  title VARCHAR(60) NOT NULL,
  quota INT NOT NULL,
  grant_days SMALLINT NOT NULL,
  code_count INT NOT NULL,
  uses_per_code INT NOT NULL,
  per_user_limit INT NOT NULL,
  expires_at DATETIME(3) NOT NULL,
  status VARCHAR(10) NOT NULL,
  created_by CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  approval_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  created_at DATETIME(3) NOT NULL,
  issued_at DATETIME(3) NULL,
  disabled_at DATETIME(3) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_code_batches_approval (approval_id),
  KEY ix_code_batches_maker (created_by, created_at),
  CONSTRAINT fk_code_batches_maker FOREIGN KEY (created_by) REFERENCES users (id),
  CONSTRAINT fk_code_batches_approval FOREIGN KEY (approval_id) REFERENCES approvals (id),
  CONSTRAINT ck_code_batches_quota CHECK (quota BETWEEN 1 AND 10000),
  CONSTRAINT ck_code_batches_days CHECK (grant_days BETWEEN 1 AND 1096),
  CONSTRAINT ck_code_batches_count CHECK (code_count BETWEEN 1 AND 10000),
  CONSTRAINT ck_code_batches_uses CHECK (uses_per_code BETWEEN 1 AND 100000),
  CONSTRAINT ck_code_batches_limit CHECK (per_user_limit BETWEEN 1 AND 100),
  CONSTRAINT ck_code_batches_status CHECK (status IN ('ready', 'issued', 'disabled')),
  CONSTRAINT ck_code_batches_issued CHECK (status <> 'issued' OR issued_at IS NOT NULL),
  CONSTRAINT ck_code_batches_disabled CHECK ((status = 'disabled') = (disabled_at IS NOT NULL))
) ENGINE = InnoDB;

-- A code is kept as a keyed hash only.
CREATE TABLE redemption_codes (
  id BIGINT NOT NULL AUTO_INCREMENT,
  batch_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  code_hash BINARY(32) NOT NULL,
  uses INT NOT NULL DEFAULT 0,
  max_uses INT NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_redemption_codes_hash (code_hash),
  KEY ix_redemption_codes_batch (batch_id),
  CONSTRAINT fk_redemption_codes_batch FOREIGN KEY (batch_id) REFERENCES code_batches (id),
  CONSTRAINT ck_redemption_codes_uses CHECK (uses >= 0 AND uses <= max_uses)
) ENGINE = InnoDB;

-- Append-only. use_no counts a code's uses, user_no a member's within the batch: 1, 2, 3 …
CREATE TABLE code_uses (
  code_id BIGINT NOT NULL,
  use_no INT NOT NULL,
  batch_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_no INT NOT NULL,
  grant_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (code_id, use_no),
  UNIQUE KEY uq_code_uses_user (user_id, batch_id, user_no),
  UNIQUE KEY uq_code_uses_once (code_id, user_id),
  UNIQUE KEY uq_code_uses_grant (grant_id),
  KEY ix_code_uses_batch (batch_id),
  CONSTRAINT fk_code_uses_code FOREIGN KEY (code_id) REFERENCES redemption_codes (id),
  CONSTRAINT fk_code_uses_batch FOREIGN KEY (batch_id) REFERENCES code_batches (id),
  CONSTRAINT fk_code_uses_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT fk_code_uses_grant FOREIGN KEY (grant_id) REFERENCES quota_grants (id),
  CONSTRAINT ck_code_uses_numbers CHECK (use_no > 0 AND user_no > 0)
) ENGINE = InnoDB;

-- Quota for everybody of an audience, once each, until the cap. push_cursor: the member up to whom it has been pushed.
CREATE TABLE campaigns (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  title VARCHAR(60) NOT NULL,
  audience VARCHAR(8) NOT NULL,
  min_level SMALLINT NULL,
  delivery VARCHAR(6) NOT NULL,
  quota INT NOT NULL,
  grant_days SMALLINT NOT NULL,
  total_cap INT NOT NULL,
  claimed INT NOT NULL DEFAULT 0,
  starts_at DATETIME(3) NOT NULL,
  ends_at DATETIME(3) NOT NULL,
  status VARCHAR(8) NOT NULL,
  push_cursor CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  pushed_at DATETIME(3) NULL,
  created_by CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  approval_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  created_at DATETIME(3) NOT NULL,
  stopped_at DATETIME(3) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_campaigns_approval (approval_id),
  KEY ix_campaigns_open (status, ends_at),
  KEY ix_campaigns_maker (created_by, created_at),
  CONSTRAINT fk_campaigns_maker FOREIGN KEY (created_by) REFERENCES users (id),
  CONSTRAINT fk_campaigns_approval FOREIGN KEY (approval_id) REFERENCES approvals (id),
  CONSTRAINT ck_campaigns_audience CHECK (audience IN ('members', 'level', 'accounts')),
  CONSTRAINT ck_campaigns_level CHECK ((audience = 'level') = (min_level IS NOT NULL)),
  CONSTRAINT ck_campaigns_level_range CHECK (min_level BETWEEN 1 AND 9),
  CONSTRAINT ck_campaigns_delivery CHECK (delivery IN ('claim', 'push')),
  CONSTRAINT ck_campaigns_quota CHECK (quota BETWEEN 1 AND 10000),
  CONSTRAINT ck_campaigns_days CHECK (grant_days BETWEEN 1 AND 1096),
  CONSTRAINT ck_campaigns_cap CHECK (claimed >= 0 AND claimed <= total_cap),
  CONSTRAINT ck_campaigns_window CHECK (ends_at > starts_at),
  CONSTRAINT ck_campaigns_status CHECK (status IN ('open', 'stopped')),
  CONSTRAINT ck_campaigns_stopped CHECK ((status = 'stopped') = (stopped_at IS NOT NULL))
) ENGINE = InnoDB;

CREATE TABLE campaign_accounts (
  campaign_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (campaign_id, user_id),
  KEY ix_campaign_accounts_user (user_id),
  CONSTRAINT fk_campaign_accounts_campaign FOREIGN KEY (campaign_id) REFERENCES campaigns (id),
  CONSTRAINT fk_campaign_accounts_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE = InnoDB;

-- Append-only.
CREATE TABLE campaign_claims (
  campaign_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  grant_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (campaign_id, user_id),
  UNIQUE KEY uq_campaign_claims_grant (grant_id),
  KEY ix_campaign_claims_user (user_id),
  CONSTRAINT fk_campaign_claims_campaign FOREIGN KEY (campaign_id) REFERENCES campaigns (id),
  CONSTRAINT fk_campaign_claims_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT fk_campaign_claims_grant FOREIGN KEY (grant_id) REFERENCES quota_grants (id)
) ENGINE = InnoDB;

-- Append-only. What finance gave a member and why; never to themselves.
CREATE TABLE compensations (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  amount INT NOT NULL,
  grant_days SMALLINT NOT NULL,
  reason VARCHAR(500) NOT NULL,
  given_by CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  approval_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  grant_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_compensations_grant (grant_id),
  UNIQUE KEY uq_compensations_approval (approval_id),
  KEY ix_compensations_user (user_id, id),
  KEY ix_compensations_giver (given_by, created_at),
  CONSTRAINT fk_compensations_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT fk_compensations_giver FOREIGN KEY (given_by) REFERENCES users (id),
  CONSTRAINT fk_compensations_approval FOREIGN KEY (approval_id) REFERENCES approvals (id),
  CONSTRAINT fk_compensations_grant FOREIGN KEY (grant_id) REFERENCES quota_grants (id),
  CONSTRAINT ck_compensations_amount CHECK (amount BETWEEN 1 AND 10000),
  CONSTRAINT ck_compensations_days CHECK (grant_days BETWEEN 1 AND 366),
  CONSTRAINT ck_compensations_self CHECK (given_by <> user_id)
) ENGINE = InnoDB;

-- Why these six: where quota came from is never rewritten.
CREATE TRIGGER code_uses_no_update BEFORE UPDATE ON code_uses FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'code_uses is append-only';

CREATE TRIGGER code_uses_no_delete BEFORE DELETE ON code_uses FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'code_uses is append-only';

CREATE TRIGGER campaign_claims_no_update BEFORE UPDATE ON campaign_claims FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'campaign_claims is append-only';

CREATE TRIGGER campaign_claims_no_delete BEFORE DELETE ON campaign_claims FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'campaign_claims is append-only';

CREATE TRIGGER compensations_no_update BEFORE UPDATE ON compensations FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'compensations is append-only';

CREATE TRIGGER compensations_no_delete BEFORE DELETE ON compensations FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'compensations is append-only';
