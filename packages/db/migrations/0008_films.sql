-- Why: forms ask for films and limit their length, which is read from the bytes once and kept beside width and height.
ALTER TABLE assets
  ADD COLUMN duration_ms INT NULL,
  ADD CONSTRAINT ck_assets_duration CHECK (duration_ms IS NULL OR duration_ms > 0);
