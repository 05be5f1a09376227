-- Why: a job exists because a row says so; a request is handled once because a row says so; an action is remembered.
CREATE TABLE outbox (
  id BIGINT NOT NULL AUTO_INCREMENT,
  job VARCHAR(40) NOT NULL,
  payload JSON NOT NULL,
  dedup_key VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  attempts INT NOT NULL DEFAULT 0,
  due_at DATETIME(3) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_outbox_dedup (dedup_key),
  KEY ix_outbox_due (due_at),
  CONSTRAINT ck_outbox_attempts CHECK (attempts >= 0)
) ENGINE = InnoDB;

CREATE TABLE idempotency_keys (
  user_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  scope VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  idem_key VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  request_hash BINARY(32) NOT NULL,
  resource_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  answer JSON NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (user_id, scope, idem_key),
  KEY ix_idempotency_keys_age (created_at),
  CONSTRAINT fk_idempotency_keys_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE = InnoDB;

CREATE TABLE audit_logs (
  id BIGINT NOT NULL AUTO_INCREMENT,
  actor_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  actor_role VARCHAR(16) NOT NULL,
  action VARCHAR(60) NOT NULL,
  subject_type VARCHAR(40) NOT NULL,
  subject_id VARCHAR(64) NOT NULL,
  details JSON NOT NULL,
  request_id VARCHAR(64) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  KEY ix_audit_logs_subject (subject_type, subject_id, id),
  KEY ix_audit_logs_actor (actor_id, id)
) ENGINE = InnoDB;

CREATE TRIGGER quota_logs_no_update BEFORE UPDATE ON quota_logs FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'quota_logs is append-only';

CREATE TRIGGER quota_logs_no_delete BEFORE DELETE ON quota_logs FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'quota_logs is append-only';

CREATE TRIGGER audit_logs_no_update BEFORE UPDATE ON audit_logs FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'audit_logs is append-only';

CREATE TRIGGER audit_logs_no_delete BEFORE DELETE ON audit_logs FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'audit_logs is append-only';
