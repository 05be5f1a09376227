-- Why: each day's bills are compared with our books, and what disagrees is kept as a typed difference until somebody has decided about it.
-- One comparison of a day. It waits while a bill is being made; one of a day and kind is open at a time, and `held_until` is set while a process works on it.
CREATE TABLE reconciliation_runs (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  day DATE NOT NULL,
  kind VARCHAR(10) NOT NULL,
  state VARCHAR(10) NOT NULL,
  cause VARCHAR(10) NOT NULL,
  requested_by CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  bills JSON NOT NULL,
  counts JSON NOT NULL,
  sums JSON NOT NULL,
  found INT NOT NULL DEFAULT 0,
  healed INT NOT NULL DEFAULT 0,
  held_until DATETIME(3) NULL,
  created_at DATETIME(3) NOT NULL,
  started_at DATETIME(3) NULL,
  finished_at DATETIME(3) NULL,
  is_open SMALLINT AS (CASE WHEN finished_at IS NULL THEN 1 END) STORED,
  PRIMARY KEY (id),
  UNIQUE KEY uq_reconciliation_runs_open (day, kind, is_open),
  KEY ix_reconciliation_runs_day (day, kind, id),
  CONSTRAINT fk_reconciliation_runs_requester FOREIGN KEY (requested_by) REFERENCES users (id),
  CONSTRAINT ck_reconciliation_runs_kind CHECK (kind IN ('wechat', 'provider')),
  CONSTRAINT ck_reconciliation_runs_state CHECK (state IN ('queued', 'running', 'waiting', 'done')),
  CONSTRAINT ck_reconciliation_runs_cause CHECK (cause IN ('schedule', 'command', 'request')),
  CONSTRAINT ck_reconciliation_runs_end CHECK ((state = 'done') = (finished_at IS NOT NULL)),
  CONSTRAINT ck_reconciliation_runs_found CHECK (healed >= 0 AND found >= healed)
) ENGINE = InnoDB;

-- One difference: the same kind about the same subject is one row however often it is found.
CREATE TABLE reconciliation_exceptions (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subject VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  day DATE NOT NULL,
  run_kind VARCHAR(10) NOT NULL,
  severity VARCHAR(10) NOT NULL,
  owner VARCHAR(10) NOT NULL,
  state VARCHAR(14) NOT NULL,
  is_healed BOOLEAN NOT NULL,
  details JSON NOT NULL,
  order_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  assigned_to CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  first_run_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  last_run_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_reconciliation_exceptions_subject (kind, subject),
  KEY ix_reconciliation_exceptions_state (state, id),
  KEY ix_reconciliation_exceptions_day (day, state, id),
  KEY ix_reconciliation_exceptions_assigned (assigned_to, state, id),
  KEY ix_reconciliation_exceptions_order (order_id),
  CONSTRAINT fk_reconciliation_exceptions_order FOREIGN KEY (order_id) REFERENCES orders (id),
  CONSTRAINT fk_reconciliation_exceptions_assigned FOREIGN KEY (assigned_to) REFERENCES users (id),
  CONSTRAINT fk_reconciliation_exceptions_first FOREIGN KEY (first_run_id) REFERENCES reconciliation_runs (id),
  CONSTRAINT fk_reconciliation_exceptions_last FOREIGN KEY (last_run_id) REFERENCES reconciliation_runs (id),
  CONSTRAINT ck_reconciliation_exceptions_run_kind CHECK (run_kind IN ('wechat', 'provider')),
  CONSTRAINT ck_reconciliation_exceptions_severity CHECK (severity IN ('critical', 'error', 'warning')),
  CONSTRAINT ck_reconciliation_exceptions_owner CHECK (owner IN ('finance', 'operator')),
  CONSTRAINT ck_reconciliation_exceptions_state CHECK (state IN ('open', 'investigating', 'resolved', 'accepted', 'reopened'))
) ENGINE = InnoDB;

-- Which run found what.
CREATE TABLE reconciliation_findings (
  run_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  exception_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  is_healed BOOLEAN NOT NULL,
  PRIMARY KEY (run_id, exception_id),
  KEY ix_reconciliation_findings_exception (exception_id),
  CONSTRAINT fk_reconciliation_findings_run FOREIGN KEY (run_id) REFERENCES reconciliation_runs (id),
  CONSTRAINT fk_reconciliation_findings_exception FOREIGN KEY (exception_id) REFERENCES reconciliation_exceptions (id)
) ENGINE = InnoDB;

-- Everything that happened to a difference, from its finding on. Append-only; the newest row says where it stands.
CREATE TABLE reconciliation_events (
  id BIGINT NOT NULL AUTO_INCREMENT,
  exception_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  cause VARCHAR(12) NOT NULL,
  from_state VARCHAR(14) NULL,
  to_state VARCHAR(14) NOT NULL,
  run_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  actor_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  assigned_to CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  note VARCHAR(500) NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  KEY ix_reconciliation_events_exception (exception_id, id),
  CONSTRAINT fk_reconciliation_events_exception FOREIGN KEY (exception_id) REFERENCES reconciliation_exceptions (id),
  CONSTRAINT fk_reconciliation_events_actor FOREIGN KEY (actor_id) REFERENCES users (id),
  CONSTRAINT ck_reconciliation_events_cause CHECK (cause IN ('found', 'healed', 'found_again', 'gone', 'moved', 'assigned', 'noted')),
  CONSTRAINT ck_reconciliation_events_from CHECK (from_state IN ('open', 'investigating', 'resolved', 'accepted', 'reopened')),
  CONSTRAINT ck_reconciliation_events_to CHECK (to_state IN ('open', 'investigating', 'resolved', 'accepted', 'reopened')),
  CONSTRAINT ck_reconciliation_events_who CHECK ((cause IN ('moved', 'assigned', 'noted')) = (actor_id IS NOT NULL))
) ENGINE = InnoDB;

CREATE TRIGGER reconciliation_events_no_update BEFORE UPDATE ON reconciliation_events FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'reconciliation_events is append-only';

CREATE TRIGGER reconciliation_events_no_delete BEFORE DELETE ON reconciliation_events FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'reconciliation_events is append-only';

-- In which day's bill a payment or refund was found.
ALTER TABLE payment_transactions
  ADD COLUMN billed_on DATE NULL,
  ADD KEY ix_payment_transactions_time (success_time);

ALTER TABLE order_refunds
  ADD COLUMN billed_on DATE NULL,
  ADD KEY ix_order_refunds_created (created_at);
