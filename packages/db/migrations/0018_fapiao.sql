-- Why: members are owed an invoice (fapiao) for what they paid, never twice for an order, and one whose money went back is to be flushed red.
-- What members want to be named as.
CREATE TABLE fapiao_titles (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(8) NOT NULL,
  name VARCHAR(100) NOT NULL,
  tax_no CHAR(18) CHARACTER SET ascii COLLATE ascii_bin NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  KEY ix_fapiao_titles_user (user_id, id),
  CONSTRAINT fk_fapiao_titles_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT ck_fapiao_titles_kind CHECK (kind IN ('personal', 'company')),
  CONSTRAINT ck_fapiao_titles_tax CHECK ((kind = 'company') = (tax_no IS NOT NULL))
) ENGINE = InnoDB;

-- One invoice of an order with the title as it was. is_live: one that is asked for, being issued or issued; an order has one at most.
-- red_due: money went back since, so that finance has to flush it, or to reject what is not issued yet.
CREATE TABLE fapiao (
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  order_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind VARCHAR(8) NOT NULL,
  title VARCHAR(100) NOT NULL,
  tax_no CHAR(18) CHARACTER SET ascii COLLATE ascii_bin NULL,
  amount_fen INT NOT NULL,
  status VARCHAR(12) NOT NULL,
  fapiao_no VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NULL,
  issued_on DATE NULL,
  object_key VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NULL,
  red_no VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NULL,
  red_issued_on DATE NULL,
  red_object_key VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NULL,
  red_demanded_at DATETIME(3) NULL,
  reject_reason VARCHAR(200) NULL,
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  is_live SMALLINT AS (CASE WHEN red_no IS NULL AND reject_reason IS NULL THEN 1 END) STORED,
  red_due SMALLINT AS (CASE WHEN red_demanded_at IS NOT NULL AND red_no IS NULL AND reject_reason IS NULL THEN 1 END) STORED,
  PRIMARY KEY (id),
  UNIQUE KEY uq_fapiao_live (order_id, is_live),
  UNIQUE KEY uq_fapiao_number (fapiao_no),
  UNIQUE KEY uq_fapiao_red_number (red_no),
  KEY ix_fapiao_order (order_id, id),
  KEY ix_fapiao_user (user_id, id),
  KEY ix_fapiao_status (status, id),
  KEY ix_fapiao_red_due (red_due, id),
  CONSTRAINT fk_fapiao_order FOREIGN KEY (order_id) REFERENCES orders (id),
  CONSTRAINT fk_fapiao_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT ck_fapiao_kind CHECK (kind IN ('personal', 'company')),
  CONSTRAINT ck_fapiao_tax CHECK ((kind = 'company') = (tax_no IS NOT NULL)),
  CONSTRAINT ck_fapiao_amount CHECK (amount_fen > 0),
  CONSTRAINT ck_fapiao_status CHECK (status IN ('requested', 'issuing', 'issued', 'red_flushed', 'rejected')),
  CONSTRAINT ck_fapiao_issued CHECK ((status IN ('issued', 'red_flushed')) = (fapiao_no IS NOT NULL)),
  CONSTRAINT ck_fapiao_issue CHECK ((fapiao_no IS NULL) = (issued_on IS NULL) AND (fapiao_no IS NULL) = (object_key IS NULL)),
  CONSTRAINT ck_fapiao_flushed CHECK ((status = 'red_flushed') = (red_no IS NOT NULL)),
  CONSTRAINT ck_fapiao_flush CHECK ((red_no IS NULL) = (red_issued_on IS NULL) AND (red_no IS NULL) = (red_object_key IS NULL) AND (red_no IS NULL OR red_no <> fapiao_no)),
  CONSTRAINT ck_fapiao_rejected CHECK ((status = 'rejected') = (reject_reason IS NOT NULL))
) ENGINE = InnoDB;
