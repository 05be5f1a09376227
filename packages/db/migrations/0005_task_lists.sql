-- Why: a member's tasks of one feature, newest first; without it a page after the first is read in the order of everybody's tasks.
CREATE INDEX ix_tasks_user_feature ON tasks (user_id, feature_id, id);
