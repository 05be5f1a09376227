-- Why: features are changed by operators, work is waited for, batches are one purchase of many tasks, output is labelled and moderated.
ALTER TABLE feature_definitions
  ADD COLUMN expected_outputs SMALLINT NULL,
  ADD COLUMN ai_generated BOOLEAN NOT NULL DEFAULT TRUE,
  ADD COLUMN revision INT NOT NULL DEFAULT 1,
  ADD CONSTRAINT ck_feature_definitions_outputs CHECK (expected_outputs IS NULL OR expected_outputs > 0),
  ADD CONSTRAINT ck_feature_definitions_revision CHECK (revision > 0);

ALTER TABLE form_schemas ADD COLUMN published_at DATETIME(3) NULL, ADD COLUMN updated_at DATETIME(3) NULL;

ALTER TABLE pipeline_schemas ADD COLUMN published_at DATETIME(3) NULL, ADD COLUMN updated_at DATETIME(3) NULL;

ALTER TABLE provider_endpoints
  ADD COLUMN settings JSON NULL,
  ADD COLUMN rate_per_minute INT NULL,
  ADD COLUMN revision INT NOT NULL DEFAULT 1,
  ADD COLUMN updated_at DATETIME(3) NULL,
  ADD COLUMN deleted_at DATETIME(3) NULL,
  ADD CONSTRAINT ck_provider_endpoints_rate CHECK (rate_per_minute IS NULL OR rate_per_minute > 0),
  ADD CONSTRAINT ck_provider_endpoints_credentials CHECK ((credentials_enc IS NULL) = (credentials_key_version IS NULL));

-- `submitted`: the vendor has taken the work under vendor_ref and is to be asked, or will call back with hint_token.
ALTER TABLE task_attempts
  DROP CONSTRAINT ck_task_attempts_status,
  ADD CONSTRAINT ck_task_attempts_status CHECK (status IN ('started', 'submitted', 'succeeded', 'failed', 'unknown')),
  ADD COLUMN polls INT NOT NULL DEFAULT 0,
  ADD COLUMN hint_token BINARY(32) NULL,
  ADD COLUMN result JSON NULL,
  ADD COLUMN settled_cost_micro_yuan INT NULL,
  ADD UNIQUE KEY uq_task_attempts_hint (hint_token),
  ADD KEY ix_task_attempts_status (status, error_code, started_at),
  ADD CONSTRAINT ck_task_attempts_polls CHECK (polls >= 0),
  ADD CONSTRAINT ck_task_attempts_settled CHECK (settled_cost_micro_yuan IS NULL OR settled_cost_micro_yuan >= 0);

-- A signed callback is taken once.
CREATE TABLE callback_nonces (
  nonce VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  seen_at DATETIME(3) NOT NULL,
  PRIMARY KEY (nonce),
  KEY ix_callback_nonces_age (seen_at)
) ENGINE = InnoDB;

CREATE TABLE task_batches (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  feature_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  size SMALLINT NOT NULL,
  zip_key VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NULL,
  zip_made_at DATETIME(3) NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  KEY ix_task_batches_user (user_id, id),
  KEY ix_task_batches_zip (zip_made_at),
  CONSTRAINT fk_task_batches_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT ck_task_batches_size CHECK (size BETWEEN 1 AND 50)
) ENGINE = InnoDB;

ALTER TABLE tasks
  ADD COLUMN batch_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN retry_of CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD KEY ix_tasks_batch (batch_id, feature_seq),
  ADD UNIQUE KEY uq_tasks_retry (retry_of),
  ADD CONSTRAINT fk_tasks_batch FOREIGN KEY (batch_id) REFERENCES task_batches (id);

ALTER TABLE assets
  ADD COLUMN label VARCHAR(10) NULL,
  ADD COLUMN unlabelled_key VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD UNIQUE KEY uq_assets_unlabelled (unlabelled_key),
  ADD CONSTRAINT ck_assets_label CHECK (label IS NULL OR label IN ('visible', 'none'));

CREATE TABLE label_consents (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  asset_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  statement_version SMALLINT NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_label_consents_once (user_id, asset_id, statement_version),
  CONSTRAINT fk_label_consents_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT fk_label_consents_asset FOREIGN KEY (asset_id) REFERENCES assets (id)
) ENGINE = InnoDB;

CREATE TABLE moderation_results (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  asset_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  task_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  object_key VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  sha256 BINARY(32) NOT NULL,
  direction VARCHAR(6) NOT NULL,
  verdict VARCHAR(8) NOT NULL,
  reason VARCHAR(60) NULL,
  vendor_ref VARCHAR(100) NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  KEY ix_moderation_results_object (sha256, direction),
  KEY ix_moderation_results_task (task_id),
  CONSTRAINT ck_moderation_results_direction CHECK (direction IN ('input', 'output')),
  CONSTRAINT ck_moderation_results_verdict CHECK (verdict IN ('pass', 'review', 'block'))
) ENGINE = InnoDB;

-- Something an operator should know, once per period.
CREATE TABLE alerts (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(40) NOT NULL,
  dedup_key VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  details JSON NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_alerts_once (dedup_key),
  KEY ix_alerts_kind (kind, id)
) ENGINE = InnoDB;

-- `in_flight`: taken for delivery and not reported since. A dead job (dead_at) is due in the year 9999: never.
ALTER TABLE outbox
  ADD COLUMN priority SMALLINT NOT NULL DEFAULT 0,
  ADD COLUMN user_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN failures INT NOT NULL DEFAULT 0,
  ADD COLUMN last_error VARCHAR(300) NULL,
  ADD COLUMN dead_at DATETIME(3) NULL,
  ADD COLUMN in_flight BOOLEAN NOT NULL DEFAULT FALSE,
  ADD KEY ix_outbox_dead (dead_at),
  ADD KEY ix_outbox_turns (job, in_flight, priority, user_id, due_at),
  ADD CONSTRAINT ck_outbox_failures CHECK (failures >= 0);
