-- Why: what is sold, what was bought and paid, and where every unit of quota came from and went.
CREATE TABLE plans (
  plan_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  version INT NOT NULL,
  level SMALLINT NOT NULL,
  title VARCHAR(60) NOT NULL,
  title_en VARCHAR(60) NOT NULL,
  price_fen INT NOT NULL,
  quota INT NOT NULL,
  period_days SMALLINT NOT NULL,
  status VARCHAR(10) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (plan_id, version),
  CONSTRAINT ck_plans_version CHECK (version > 0),
  CONSTRAINT ck_plans_level CHECK (level BETWEEN 1 AND 9),
  CONSTRAINT ck_plans_price CHECK (price_fen > 0),
  CONSTRAINT ck_plans_quota CHECK (quota > 0),
  CONSTRAINT ck_plans_period CHECK (period_days > 0),
  CONSTRAINT ck_plans_status CHECK (status IN ('draft', 'published', 'archived'))
) ENGINE = InnoDB;

CREATE TABLE orders (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  out_trade_no VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  plan_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  plan_version INT NOT NULL,
  plan_snapshot JSON NOT NULL,
  amount_fen INT NOT NULL,
  currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  channel VARCHAR(8) NOT NULL,
  status VARCHAR(20) NOT NULL,
  code_url VARCHAR(512) NULL,
  created_at DATETIME(3) NOT NULL,
  expires_at DATETIME(3) NOT NULL,
  paid_at DATETIME(3) NULL,
  closed_at DATETIME(3) NULL,
  updated_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_orders_out_trade_no (out_trade_no),
  KEY ix_orders_user (user_id, id),
  KEY ix_orders_status (status, expires_at),
  CONSTRAINT fk_orders_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT fk_orders_plan FOREIGN KEY (plan_id, plan_version) REFERENCES plans (plan_id, version),
  CONSTRAINT ck_orders_amount CHECK (amount_fen > 0),
  CONSTRAINT ck_orders_currency CHECK (currency = 'CNY'),
  CONSTRAINT ck_orders_channel CHECK (channel IN ('native', 'jsapi', 'h5')),
  CONSTRAINT ck_orders_status CHECK (status IN ('pending', 'paid', 'closed', 'refunding', 'refunded', 'partially_refunded', 'amount_mismatch', 'paid_after_close')),
  CONSTRAINT ck_orders_paid CHECK (status NOT IN ('paid', 'refunding', 'refunded', 'partially_refunded') OR paid_at IS NOT NULL)
) ENGINE = InnoDB;

CREATE TABLE payment_transactions (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  order_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  mchid VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  transaction_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  source VARCHAR(12) NOT NULL,
  amount_fen INT NOT NULL,
  currency VARCHAR(8) NOT NULL,
  outcome VARCHAR(20) NOT NULL,
  success_time DATETIME(3) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_payment_transactions_vendor (mchid, transaction_id),
  KEY ix_payment_transactions_order (order_id),
  CONSTRAINT fk_payment_transactions_order FOREIGN KEY (order_id) REFERENCES orders (id),
  CONSTRAINT ck_payment_transactions_amount CHECK (amount_fen > 0),
  CONSTRAINT ck_payment_transactions_source CHECK (source IN ('notification', 'query')),
  CONSTRAINT ck_payment_transactions_outcome CHECK (outcome IN ('granted', 'amount_mismatch', 'paid_after_close', 'second_payment'))
) ENGINE = InnoDB;

CREATE TABLE membership_periods (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  plan_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  level SMALLINT NOT NULL,
  starts_at DATETIME(3) NOT NULL,
  ends_at DATETIME(3) NOT NULL,
  order_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_membership_periods_start (user_id, starts_at),
  KEY ix_membership_periods_user (user_id, ends_at),
  CONSTRAINT fk_membership_periods_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT fk_membership_periods_order FOREIGN KEY (order_id) REFERENCES orders (id),
  CONSTRAINT ck_membership_periods_level CHECK (level BETWEEN 1 AND 9),
  CONSTRAINT ck_membership_periods_order CHECK (ends_at > starts_at)
) ENGINE = InnoDB;

CREATE TABLE quota_grants (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  source VARCHAR(12) NOT NULL,
  amount INT NOT NULL,
  remaining INT NOT NULL,
  expires_at DATETIME(3) NOT NULL,
  order_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  effect_key VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at DATETIME(3) NOT NULL,
  open_until DATETIME(3) AS (CASE WHEN remaining > 0 THEN expires_at END) STORED,
  PRIMARY KEY (id),
  UNIQUE KEY uq_quota_grants_effect (effect_key),
  UNIQUE KEY uq_quota_grants_order (order_id),
  KEY ix_quota_grants_burn (user_id, open_until, id),
  KEY ix_quota_grants_ending (open_until),
  CONSTRAINT fk_quota_grants_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT fk_quota_grants_order FOREIGN KEY (order_id) REFERENCES orders (id),
  CONSTRAINT ck_quota_grants_amount CHECK (amount > 0),
  CONSTRAINT ck_quota_grants_remaining CHECK (remaining >= 0 AND remaining <= amount),
  CONSTRAINT ck_quota_grants_source CHECK (source IN ('purchase', 'signup', 'promotion', 'compensation')),
  CONSTRAINT ck_quota_grants_purchase CHECK ((source = 'purchase') = (order_id IS NOT NULL))
) ENGINE = InnoDB;

-- A charge is held when its task is created and ends exactly once: settled or refunded.
CREATE TABLE quota_charges (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  task_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  amount INT NOT NULL,
  status VARCHAR(10) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  ended_at DATETIME(3) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_quota_charges_task (task_id),
  KEY ix_quota_charges_user (user_id, id),
  CONSTRAINT fk_quota_charges_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT ck_quota_charges_amount CHECK (amount > 0),
  CONSTRAINT ck_quota_charges_status CHECK (status IN ('held', 'settled', 'refunded')),
  CONSTRAINT ck_quota_charges_end CHECK ((status = 'held') = (ended_at IS NULL))
) ENGINE = InnoDB;

-- The ledger. Append-only; seq counts 1, 2, 3 … per user, so a missing or doubled row can not hide.
CREATE TABLE quota_logs (
  id BIGINT NOT NULL AUTO_INCREMENT,
  user_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  seq INT NOT NULL,
  kind VARCHAR(10) NOT NULL,
  amount INT NOT NULL,
  balance_before INT NOT NULL,
  balance_after INT NOT NULL,
  cause VARCHAR(40) NOT NULL,
  effect_key VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  grant_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  charge_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  task_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  order_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_quota_logs_seq (user_id, seq),
  UNIQUE KEY uq_quota_logs_effect (effect_key),
  KEY ix_quota_logs_charge (charge_id),
  KEY ix_quota_logs_grant (grant_id),
  CONSTRAINT fk_quota_logs_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT fk_quota_logs_grant FOREIGN KEY (grant_id) REFERENCES quota_grants (id),
  CONSTRAINT fk_quota_logs_charge FOREIGN KEY (charge_id) REFERENCES quota_charges (id),
  CONSTRAINT ck_quota_logs_kind CHECK (kind IN ('grant', 'charge', 'refund', 'expire', 'clawback')),
  CONSTRAINT ck_quota_logs_chain CHECK (balance_after = balance_before + amount),
  CONSTRAINT ck_quota_logs_not_negative CHECK (balance_before >= 0 AND balance_after >= 0),
  CONSTRAINT ck_quota_logs_sign CHECK ((kind IN ('grant', 'refund') AND amount > 0) OR (kind IN ('charge', 'expire', 'clawback') AND amount < 0)),
  CONSTRAINT ck_quota_logs_subject CHECK ((kind IN ('charge', 'refund') AND charge_id IS NOT NULL) OR (kind IN ('grant', 'expire', 'clawback') AND grant_id IS NOT NULL))
) ENGINE = InnoDB;

-- Which grants a charge took from (spend) and which a refund gave back to (return).
CREATE TABLE quota_allocations (
  id BIGINT NOT NULL AUTO_INCREMENT,
  charge_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  grant_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  direction VARCHAR(6) NOT NULL,
  amount INT NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_quota_allocations_once (charge_id, grant_id, direction),
  KEY ix_quota_allocations_grant (grant_id),
  CONSTRAINT fk_quota_allocations_charge FOREIGN KEY (charge_id) REFERENCES quota_charges (id),
  CONSTRAINT fk_quota_allocations_grant FOREIGN KEY (grant_id) REFERENCES quota_grants (id),
  CONSTRAINT ck_quota_allocations_amount CHECK (amount > 0),
  CONSTRAINT ck_quota_allocations_direction CHECK (direction IN ('spend', 'return'))
) ENGINE = InnoDB;
