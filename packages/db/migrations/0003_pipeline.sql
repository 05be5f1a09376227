-- Why: features, forms and pipelines are data; a task keeps the versions and the price it began with.
CREATE TABLE form_schemas (
  feature_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  version INT NOT NULL,
  status VARCHAR(10) NOT NULL,
  body JSON NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (feature_id, version),
  CONSTRAINT ck_form_schemas_version CHECK (version > 0),
  CONSTRAINT ck_form_schemas_status CHECK (status IN ('draft', 'published', 'archived'))
) ENGINE = InnoDB;

CREATE TABLE pipeline_schemas (
  feature_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  version INT NOT NULL,
  status VARCHAR(10) NOT NULL,
  body JSON NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (feature_id, version),
  CONSTRAINT ck_pipeline_schemas_version CHECK (version > 0),
  CONSTRAINT ck_pipeline_schemas_status CHECK (status IN ('draft', 'published', 'archived'))
) ENGINE = InnoDB;

CREATE TABLE feature_definitions (
  feature_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  title VARCHAR(60) NOT NULL,
  description VARCHAR(500) NOT NULL,
  icon_url VARCHAR(500) NULL,
  category VARCHAR(8) NOT NULL,
  access_scope VARCHAR(10) NOT NULL,
  plan_required SMALLINT NULL,
  allowed_accounts JSON NULL,
  is_enabled BOOLEAN NOT NULL DEFAULT FALSE,
  quota_cost INT NOT NULL,
  rate_limit_policy JSON NULL,
  form_version INT NOT NULL,
  pipeline_version INT NOT NULL,
  output_type VARCHAR(12) NOT NULL,
  save_to_asset_library BOOLEAN NOT NULL,
  display_order INT NOT NULL,
  weekly_budget_fen INT NULL,
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  deleted_at DATETIME(3) NULL,
  PRIMARY KEY (feature_id),
  KEY ix_feature_definitions_shown (is_enabled, display_order),
  CONSTRAINT fk_feature_definitions_form FOREIGN KEY (feature_id, form_version) REFERENCES form_schemas (feature_id, version),
  CONSTRAINT fk_feature_definitions_pipeline FOREIGN KEY (feature_id, pipeline_version) REFERENCES pipeline_schemas (feature_id, version),
  CONSTRAINT ck_feature_definitions_cost CHECK (quota_cost > 0),
  CONSTRAINT ck_feature_definitions_category CHECK (category IN ('image', 'video', 'text')),
  CONSTRAINT ck_feature_definitions_scope CHECK (access_scope IN ('plan', 'whitelist')),
  CONSTRAINT ck_feature_definitions_whitelist CHECK ((access_scope = 'whitelist') = (allowed_accounts IS NOT NULL)),
  CONSTRAINT ck_feature_definitions_level CHECK (plan_required IS NULL OR (access_scope = 'plan' AND plan_required BETWEEN 1 AND 9)),
  CONSTRAINT ck_feature_definitions_output CHECK (output_type IN ('singleImage', 'multiImage', 'video', 'zip', 'textBundle')),
  CONSTRAINT ck_feature_definitions_budget CHECK (weekly_budget_fen IS NULL OR weekly_budget_fen > 0)
) ENGINE = InnoDB;

CREATE TABLE provider_endpoints (
  provider_ref VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(20) NOT NULL,
  base_url VARCHAR(300) NULL,
  credentials_enc VARBINARY(4096) NULL,
  credentials_key_version SMALLINT NULL,
  weight SMALLINT NOT NULL DEFAULT 1,
  timeout_seconds SMALLINT NOT NULL,
  max_concurrency SMALLINT NOT NULL,
  unit_cost_micro_yuan INT NOT NULL,
  is_enabled BOOLEAN NOT NULL DEFAULT TRUE,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (provider_ref),
  CONSTRAINT ck_provider_endpoints_kind CHECK (kind IN ('tencent_ci', 'builtin', 'runninghub', 'scf', 'http')),
  CONSTRAINT ck_provider_endpoints_limits CHECK (weight > 0 AND timeout_seconds > 0 AND max_concurrency > 0),
  CONSTRAINT ck_provider_endpoints_cost CHECK (unit_cost_micro_yuan >= 0)
) ENGINE = InnoDB;

CREATE TABLE provider_health (
  provider_ref VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  status VARCHAR(10) NOT NULL,
  consecutive_failures INT NOT NULL DEFAULT 0,
  error_rate DOUBLE NOT NULL DEFAULT 0,
  latency_ms INT NOT NULL DEFAULT 0,
  probe_after DATETIME(3) NULL,
  last_check_at DATETIME(3) NOT NULL,
  PRIMARY KEY (provider_ref),
  CONSTRAINT fk_provider_health_endpoint FOREIGN KEY (provider_ref) REFERENCES provider_endpoints (provider_ref),
  CONSTRAINT ck_provider_health_status CHECK (status IN ('up', 'degraded', 'down')),
  CONSTRAINT ck_provider_health_failures CHECK (consecutive_failures >= 0)
) ENGINE = InnoDB;

-- How often a member has used a feature: with tasks.feature_seq it answers every window limit without counting.
CREATE TABLE feature_usage (
  user_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  feature_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  seq INT NOT NULL,
  last_at DATETIME(3) NOT NULL,
  PRIMARY KEY (user_id, feature_id),
  CONSTRAINT fk_feature_usage_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT ck_feature_usage_seq CHECK (seq > 0)
) ENGINE = InnoDB;

CREATE TABLE tasks (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  feature_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  feature_seq INT NOT NULL,
  charge_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  quota_cost INT NOT NULL,
  form_version INT NOT NULL,
  pipeline_version INT NOT NULL,
  input JSON NOT NULL,
  status VARCHAR(10) NOT NULL,
  percent TINYINT NOT NULL DEFAULT 0,
  stage VARCHAR(20) NOT NULL,
  eligible_for_refund BOOLEAN NOT NULL,
  refunded BOOLEAN NOT NULL,
  failure_code VARCHAR(40) NULL,
  lease_owner VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  lease_until DATETIME(3) NULL,
  deadline_at DATETIME(3) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  started_at DATETIME(3) NULL,
  finished_at DATETIME(3) NULL,
  open_deadline DATETIME(3) AS (CASE WHEN finished_at IS NULL THEN deadline_at END) STORED,
  PRIMARY KEY (id),
  UNIQUE KEY uq_tasks_charge (charge_id),
  UNIQUE KEY uq_tasks_feature_seq (user_id, feature_id, feature_seq),
  KEY ix_tasks_user (user_id, id),
  KEY ix_tasks_user_status (user_id, status, id),
  KEY ix_tasks_open (open_deadline),
  CONSTRAINT fk_tasks_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT fk_tasks_feature FOREIGN KEY (feature_id) REFERENCES feature_definitions (feature_id),
  CONSTRAINT fk_tasks_charge FOREIGN KEY (charge_id) REFERENCES quota_charges (id),
  CONSTRAINT ck_tasks_cost CHECK (quota_cost > 0),
  CONSTRAINT ck_tasks_status CHECK (status IN ('pending', 'processing', 'succeeded', 'failed', 'cancelled')),
  CONSTRAINT ck_tasks_percent CHECK (percent BETWEEN 0 AND 100),
  CONSTRAINT ck_tasks_end CHECK ((status IN ('succeeded', 'failed', 'cancelled')) = (finished_at IS NOT NULL)),
  CONSTRAINT ck_tasks_refund CHECK (refunded = 0 OR (eligible_for_refund = 1 AND status IN ('failed', 'cancelled'))),
  CONSTRAINT ck_tasks_failure CHECK ((status = 'failed') = (failure_code IS NOT NULL))
) ENGINE = InnoDB;

CREATE TABLE task_steps (
  task_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  step_index SMALLINT NOT NULL,
  name VARCHAR(64) NOT NULL,
  type VARCHAR(10) NOT NULL,
  status VARCHAR(10) NOT NULL,
  output JSON NULL,
  started_at DATETIME(3) NOT NULL,
  finished_at DATETIME(3) NULL,
  PRIMARY KEY (task_id, step_index),
  CONSTRAINT fk_task_steps_task FOREIGN KEY (task_id) REFERENCES tasks (id),
  CONSTRAINT ck_task_steps_type CHECK (type IN ('sync_api', 'async_api', 'scf')),
  CONSTRAINT ck_task_steps_status CHECK (status IN ('pending', 'processing', 'succeeded', 'failed'))
) ENGINE = InnoDB;

CREATE TABLE task_attempts (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  task_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  step_index SMALLINT NOT NULL,
  attempt_no SMALLINT NOT NULL,
  provider_ref VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  status VARCHAR(10) NOT NULL,
  error_class VARCHAR(20) NULL,
  error_code VARCHAR(80) NULL,
  vendor_ref VARCHAR(200) NULL,
  cost_micro_yuan INT NOT NULL,
  started_at DATETIME(3) NOT NULL,
  finished_at DATETIME(3) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_task_attempts_no (task_id, step_index, attempt_no),
  KEY ix_task_attempts_provider (provider_ref, started_at),
  CONSTRAINT fk_task_attempts_task FOREIGN KEY (task_id) REFERENCES tasks (id),
  CONSTRAINT fk_task_attempts_provider FOREIGN KEY (provider_ref) REFERENCES provider_endpoints (provider_ref),
  CONSTRAINT ck_task_attempts_status CHECK (status IN ('started', 'succeeded', 'failed', 'unknown')),
  CONSTRAINT ck_task_attempts_class CHECK (error_class IS NULL OR error_class IN ('member_input', 'our_account', 'vendor', 'unknown_outcome')),
  CONSTRAINT ck_task_attempts_cost CHECK (cost_micro_yuan >= 0)
) ENGINE = InnoDB;

CREATE TABLE task_events (
  id BIGINT NOT NULL AUTO_INCREMENT,
  task_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  status VARCHAR(10) NOT NULL,
  percent TINYINT NOT NULL,
  stage VARCHAR(20) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  KEY ix_task_events_task (task_id, id),
  CONSTRAINT fk_task_events_task FOREIGN KEY (task_id) REFERENCES tasks (id),
  CONSTRAINT ck_task_events_percent CHECK (percent BETWEEN 0 AND 100)
) ENGINE = InnoDB;

CREATE TABLE assets (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(8) NOT NULL,
  status VARCHAR(8) NOT NULL,
  object_key VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  content_type VARCHAR(40) NOT NULL,
  bytes INT NOT NULL,
  width INT NULL,
  height INT NULL,
  sha256 BINARY(32) NULL,
  task_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  feature_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  output_name VARCHAR(64) NULL,
  created_at DATETIME(3) NOT NULL,
  deleted_at DATETIME(3) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_assets_object (object_key),
  UNIQUE KEY uq_assets_output (task_id, output_name),
  KEY ix_assets_library (user_id, kind, status, id),
  KEY ix_assets_pending (status, created_at),
  CONSTRAINT fk_assets_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT fk_assets_task FOREIGN KEY (task_id) REFERENCES tasks (id),
  CONSTRAINT ck_assets_kind CHECK (kind IN ('upload', 'result')),
  CONSTRAINT ck_assets_status CHECK (status IN ('pending', 'ready', 'refused', 'deleted')),
  CONSTRAINT ck_assets_bytes CHECK (bytes > 0),
  CONSTRAINT ck_assets_ready CHECK (status <> 'ready' OR sha256 IS NOT NULL),
  CONSTRAINT ck_assets_result CHECK ((kind = 'result') = (task_id IS NOT NULL))
) ENGINE = InnoDB;
