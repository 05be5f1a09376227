-- Why: orders can be paid in three ways, a member has one order open for a plan at a time, and money that goes back takes with it what it bought.
ALTER TABLE orders
  ADD COLUMN payer JSON NULL,
  ADD COLUMN prepay_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN h5_url VARCHAR(512) NULL,
  ADD COLUMN open_plan VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin AS (CASE WHEN closed_at IS NULL AND paid_at IS NULL THEN plan_id END) STORED,
  ADD UNIQUE KEY uq_orders_open_plan (user_id, open_plan),
  ADD KEY ix_orders_status_id (status, id),
  ADD CONSTRAINT ck_orders_payer CHECK (channel = 'native' OR payer IS NOT NULL);

-- What will still be taken of quota that running tasks hold and may give back.
ALTER TABLE quota_grants
  ADD COLUMN clawback_due INT NOT NULL DEFAULT 0,
  ADD CONSTRAINT ck_quota_grants_due CHECK (clawback_due >= 0);

-- removed_ms: membership that ended with the money. vendor_code: the vendor's own word when it would not refund. asked_at: when the
-- vendor was last asked to refund, before the call left; nobody gives a refund up while such a call may still arrive.
ALTER TABLE order_refunds
  ADD COLUMN due_quota INT NOT NULL DEFAULT 0,
  ADD COLUMN removed_ms BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN removed_level SMALLINT NULL,
  ADD COLUMN vendor_code VARCHAR(40) NULL,
  ADD COLUMN asked_at DATETIME(3) NULL,
  ADD COLUMN ended_at DATETIME(3) NULL,
  ADD COLUMN is_open SMALLINT AS (CASE WHEN ended_at IS NULL THEN 1 END) STORED,
  ADD UNIQUE KEY uq_order_refunds_open (payment_id, is_open),
  ADD CONSTRAINT ck_order_refunds_end CHECK ((status IN ('succeeded', 'closed')) = (ended_at IS NOT NULL)),
  ADD CONSTRAINT ck_order_refunds_due CHECK (due_quota >= 0),
  ADD CONSTRAINT ck_order_refunds_removed CHECK (removed_ms >= 0);
