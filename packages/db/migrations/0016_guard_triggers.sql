-- Why: servers show triggers only to who may make them. By this the guard sees them with an account that reads and does nothing else.
CREATE PROCEDURE guard_triggers() READS SQL DATA SQL SECURITY DEFINER
  SELECT TRIGGER_NAME AS name, EVENT_OBJECT_TABLE AS `table`, ACTION_TIMING AS timing, EVENT_MANIPULATION AS event, ACTION_STATEMENT AS body
    FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE() ORDER BY TRIGGER_NAME;
