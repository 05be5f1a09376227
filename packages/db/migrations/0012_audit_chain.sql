-- Why: what was written to the append-only tables can be proved unchanged, also to somebody who distrusts whoever runs the database.
-- A block gives rows of one source their place. `ids` names them; `entries` holds hashes of 32 bytes, one of the block's own words and
-- one for each row, chained over all blocks; `total_rows` and `high_id` are of all blocks of the source up to this one.
CREATE TABLE audit_blocks (
  seq BIGINT NOT NULL,
  format SMALLINT NOT NULL,
  source VARCHAR(30) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  row_count INT NOT NULL,
  total_rows BIGINT NOT NULL,
  high_id BIGINT NOT NULL,
  ids BLOB NOT NULL,
  entries MEDIUMBLOB NOT NULL,
  chain_hash BINARY(32) NOT NULL,
  sealed_at DATETIME(3) NOT NULL,
  PRIMARY KEY (seq),
  UNIQUE KEY uq_audit_blocks_source (source, seq),
  CONSTRAINT ck_audit_blocks_seq CHECK (seq > 0),
  CONSTRAINT ck_audit_blocks_rows CHECK (row_count > 0 AND total_rows >= row_count AND high_id > 0)
) ENGINE = InnoDB;

-- The head of the chain at some time, signed with a key that is not here. The same lines lie in a file and in a bucket.
CREATE TABLE audit_anchors (
  n BIGINT NOT NULL,
  block_seq BIGINT NOT NULL,
  line VARCHAR(2000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  made_at DATETIME(3) NOT NULL,
  PRIMARY KEY (n),
  KEY ix_audit_anchors_block (block_seq),
  CONSTRAINT fk_audit_anchors_block FOREIGN KEY (block_seq) REFERENCES audit_blocks (seq),
  CONSTRAINT ck_audit_anchors_n CHECK (n > 0)
) ENGINE = InnoDB;

-- What came of proving the chain, by the clock or because somebody asked.
CREATE TABLE audit_verifications (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  status VARCHAR(10) NOT NULL,
  requested_by CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
  from_seq BIGINT NULL,
  report JSON NULL,
  created_at DATETIME(3) NOT NULL,
  finished_at DATETIME(3) NULL,
  waiting_behind BIGINT AS (CASE WHEN status = 'waiting' THEN COALESCE(from_seq, 0) END) STORED,
  PRIMARY KEY (id),
  UNIQUE KEY uq_audit_verifications_waiting (waiting_behind),
  KEY ix_audit_verifications_status (status, id),
  CONSTRAINT fk_audit_verifications_user FOREIGN KEY (requested_by) REFERENCES users (id),
  CONSTRAINT ck_audit_verifications_status CHECK (status IN ('waiting', 'proven', 'broken')),
  CONSTRAINT ck_audit_verifications_end CHECK ((status = 'waiting') = (finished_at IS NULL)),
  CONSTRAINT ck_audit_verifications_report CHECK ((status = 'waiting') = (report IS NULL))
) ENGINE = InnoDB;

CREATE INDEX ix_audit_logs_action ON audit_logs (action, id);

CREATE INDEX ix_audit_logs_request ON audit_logs (request_id, id);

CREATE INDEX ix_audit_logs_time ON audit_logs (created_at);

CREATE TRIGGER audit_blocks_no_update BEFORE UPDATE ON audit_blocks FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'audit_blocks is append-only';

CREATE TRIGGER audit_blocks_no_delete BEFORE DELETE ON audit_blocks FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'audit_blocks is append-only';

CREATE TRIGGER audit_anchors_no_update BEFORE UPDATE ON audit_anchors FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'audit_anchors is append-only';

CREATE TRIGGER audit_anchors_no_delete BEFORE DELETE ON audit_anchors FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'audit_anchors is append-only';
