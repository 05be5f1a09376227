-- Why: people sign in by phone; a user row is also the lock and the balance of everything that costs quota.
CREATE TABLE users (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  account_id VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  phone_enc VARBINARY(128) NOT NULL,
  phone_key_version SMALLINT NOT NULL,
  phone_index BINARY(32) NOT NULL,
  role VARCHAR(16) NOT NULL DEFAULT 'member',
  quota_remaining INT NOT NULL DEFAULT 0,
  ledger_seq INT NOT NULL DEFAULT 0,
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  deleted_at DATETIME(3) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_users_account (account_id),
  UNIQUE KEY uq_users_phone (phone_index),
  CONSTRAINT ck_users_quota_not_negative CHECK (quota_remaining >= 0),
  CONSTRAINT ck_users_ledger_seq CHECK (ledger_seq >= 0),
  CONSTRAINT ck_users_role CHECK (role IN ('member', 'operator', 'finance', 'auditor', 'admin'))
) ENGINE = InnoDB;

CREATE TABLE sessions (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  generation INT NOT NULL DEFAULT 1,
  user_agent VARCHAR(200) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  rotated_at DATETIME(3) NOT NULL,
  expires_at DATETIME(3) NOT NULL,
  ended_at DATETIME(3) NULL,
  end_reason VARCHAR(20) NULL,
  PRIMARY KEY (id),
  KEY ix_sessions_user (user_id, ended_at),
  KEY ix_sessions_expiry (expires_at),
  CONSTRAINT fk_sessions_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT ck_sessions_generation CHECK (generation > 0),
  CONSTRAINT ck_sessions_end CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
  CONSTRAINT ck_sessions_reason CHECK (end_reason IN ('signed_out', 'reuse_detected', 'ended_by_user', 'role_changed', 'expired'))
) ENGINE = InnoDB;

CREATE TABLE sms_codes (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  phone_index BINARY(32) NOT NULL,
  code_hash BINARY(32) NOT NULL,
  status VARCHAR(12) NOT NULL,
  tries SMALLINT NOT NULL DEFAULT 0,
  created_at DATETIME(3) NOT NULL,
  expires_at DATETIME(3) NOT NULL,
  used_at DATETIME(3) NULL,
  PRIMARY KEY (id),
  KEY ix_sms_codes_phone (phone_index, created_at),
  KEY ix_sms_codes_age (created_at),
  CONSTRAINT ck_sms_codes_status CHECK (status IN ('sending', 'sent', 'failed', 'used', 'replaced', 'spent')),
  CONSTRAINT ck_sms_codes_tries CHECK (tries BETWEEN 0 AND 5)
) ENGINE = InnoDB;

-- One row a phone: the lock under which sending limits are exact.
CREATE TABLE sms_limits (
  phone_index BINARY(32) NOT NULL,
  last_sent_at DATETIME(3) NOT NULL,
  day DATE NOT NULL,
  day_count SMALLINT NOT NULL,
  PRIMARY KEY (phone_index),
  CONSTRAINT ck_sms_limits_count CHECK (day_count >= 0)
) ENGINE = InnoDB;
