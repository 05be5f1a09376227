-- Why: money that comes, goes back and is spent on vendors is kept in append-only ledgers of its own, and what takes two people waits for the second.
-- A wish that takes a second person: what is asked for is frozen in `payload`, and the decision carries it out in its own transaction.
CREATE TABLE approvals (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(40) NOT NULL,
  subject_type VARCHAR(40) NOT NULL,
  subject_id VARCHAR(64) NOT NULL,
  payload JSON NOT NULL,
  reason VARCHAR(500) NOT NULL,
  requested_by CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  status VARCHAR(10) NOT NULL,
  decided_by CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  decision_reason VARCHAR(500) NULL,
  created_at DATETIME(3) NOT NULL,
  expires_at DATETIME(3) NOT NULL,
  decided_at DATETIME(3) NULL,
  PRIMARY KEY (id),
  KEY ix_approvals_status (status, id),
  KEY ix_approvals_subject (subject_type, subject_id, id),
  CONSTRAINT fk_approvals_requester FOREIGN KEY (requested_by) REFERENCES users (id),
  CONSTRAINT fk_approvals_decider FOREIGN KEY (decided_by) REFERENCES users (id),
  CONSTRAINT ck_approvals_status CHECK (status IN ('pending', 'approved', 'rejected', 'withdrawn', 'expired')),
  CONSTRAINT ck_approvals_end CHECK ((status = 'pending') = (decided_at IS NULL)),
  CONSTRAINT ck_approvals_four_eyes CHECK (status NOT IN ('approved', 'rejected') OR (decided_by IS NOT NULL AND decided_by <> requested_by))
) ENGINE = InnoDB;

-- What of a payment has been promised back: intents count until they have failed for good.
ALTER TABLE payment_transactions
  ADD COLUMN refunding_fen INT NOT NULL DEFAULT 0,
  ADD CONSTRAINT ck_payment_transactions_refunding CHECK (refunding_fen >= 0 AND refunding_fen <= amount_fen);

-- One refund of money: intended (committed here, the vendor not told yet), processing there, and how it ended.
CREATE TABLE order_refunds (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  order_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  payment_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  out_refund_no VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  cause VARCHAR(20) NOT NULL,
  reason VARCHAR(80) NOT NULL,
  amount_fen INT NOT NULL,
  clawed_quota INT NOT NULL DEFAULT 0,
  status VARCHAR(12) NOT NULL,
  vendor_refund_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  requested_by CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  approval_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  succeeded_at DATETIME(3) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_order_refunds_number (out_refund_no),
  UNIQUE KEY uq_order_refunds_approval (approval_id),
  KEY ix_order_refunds_order (order_id, id),
  KEY ix_order_refunds_payment (payment_id),
  KEY ix_order_refunds_status (status, updated_at),
  KEY ix_order_refunds_user (user_id, id),
  CONSTRAINT fk_order_refunds_order FOREIGN KEY (order_id) REFERENCES orders (id),
  CONSTRAINT fk_order_refunds_payment FOREIGN KEY (payment_id) REFERENCES payment_transactions (id),
  CONSTRAINT fk_order_refunds_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT fk_order_refunds_approval FOREIGN KEY (approval_id) REFERENCES approvals (id),
  CONSTRAINT ck_order_refunds_amount CHECK (amount_fen > 0),
  CONSTRAINT ck_order_refunds_clawed CHECK (clawed_quota >= 0),
  CONSTRAINT ck_order_refunds_cause CHECK (cause IN ('finance', 'paid_after_close', 'second_payment', 'amount_mismatch', 'found_at_vendor')),
  CONSTRAINT ck_order_refunds_status CHECK (status IN ('intended', 'processing', 'abnormal', 'succeeded', 'closed')),
  CONSTRAINT ck_order_refunds_success CHECK ((status = 'succeeded') = (succeeded_at IS NOT NULL))
) ENGINE = InnoDB;

-- The ledger of members' money. Append-only. `occurred_at` is the vendor's time, `posted_at` ours: a period is made of what was posted in it.
CREATE TABLE money_entries (
  id BIGINT NOT NULL AUTO_INCREMENT,
  kind VARCHAR(10) NOT NULL,
  amount_fen INT NOT NULL,
  order_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  payment_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  refund_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  user_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  effect_key VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  occurred_at DATETIME(3) NOT NULL,
  posted_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_money_entries_effect (effect_key),
  KEY ix_money_entries_posted (posted_at),
  KEY ix_money_entries_order (order_id),
  CONSTRAINT fk_money_entries_order FOREIGN KEY (order_id) REFERENCES orders (id),
  CONSTRAINT fk_money_entries_payment FOREIGN KEY (payment_id) REFERENCES payment_transactions (id),
  CONSTRAINT fk_money_entries_refund FOREIGN KEY (refund_id) REFERENCES order_refunds (id),
  CONSTRAINT fk_money_entries_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT ck_money_entries_kind CHECK (kind IN ('payment', 'refund')),
  CONSTRAINT ck_money_entries_sign CHECK ((kind = 'payment' AND amount_fen > 0 AND refund_id IS NULL) OR (kind = 'refund' AND amount_fen < 0 AND refund_id IS NOT NULL))
) ENGINE = InnoDB;

-- What one unit of something costs us at a vendor, while that price holds. Prices of an item follow each other without a gap or overlap.
CREATE TABLE unit_prices (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  item VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  unit VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  micro_yuan BIGINT NOT NULL,
  valid_from DATETIME(3) NOT NULL,
  valid_to DATETIME(3) NULL,
  created_by CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_unit_prices_start (item, valid_from),
  CONSTRAINT ck_unit_prices_amount CHECK (micro_yuan >= 0),
  CONSTRAINT ck_unit_prices_validity CHECK (valid_to IS NULL OR valid_to > valid_from)
) ENGINE = InnoDB;

-- The ledger of what vendors cost, in micro-yuan. Append-only: an estimate when work begins, a settlement for the difference once the vendor's figure is known.
CREATE TABLE cost_entries (
  id BIGINT NOT NULL AUTO_INCREMENT,
  kind VARCHAR(10) NOT NULL,
  item VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  vendor VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  provider_ref VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  amount_micro_yuan BIGINT NOT NULL,
  unit_price_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  attempt_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  task_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  feature_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  user_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  order_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  effect_key VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  occurred_at DATETIME(3) NOT NULL,
  posted_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_cost_entries_effect (effect_key),
  KEY ix_cost_entries_posted (posted_at),
  KEY ix_cost_entries_attempt (attempt_id),
  KEY ix_cost_entries_task (task_id),
  KEY ix_cost_entries_feature (feature_id, posted_at),
  KEY ix_cost_entries_user (user_id, posted_at),
  CONSTRAINT ck_cost_entries_kind CHECK (kind IN ('estimate', 'settlement', 'correction'))
) ENGINE = InnoDB;

-- Why these four: the books are added to, never rewritten.
CREATE TRIGGER money_entries_no_update BEFORE UPDATE ON money_entries FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'money_entries is append-only';

CREATE TRIGGER money_entries_no_delete BEFORE DELETE ON money_entries FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'money_entries is append-only';

CREATE TRIGGER cost_entries_no_update BEFORE UPDATE ON cost_entries FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'cost_entries is append-only';

CREATE TRIGGER cost_entries_no_delete BEFORE DELETE ON cost_entries FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'cost_entries is append-only';
