extension Schema {
  /// Five lanes, and clocks that were wrong.
  static let lanesAndClocks = """
    -- lanes that begin with this version, at the start of the numbering in force
    INSERT OR IGNORE INTO lane (lane, last, hash, through, through_hash)
      SELECT names.name, 0, newest.epoch, 0, newest.epoch
      FROM (SELECT 'trend' AS name UNION ALL SELECT 'evidence' UNION ALL SELECT 'sample') AS names,
        (SELECT epoch FROM epoch ORDER BY number DESC LIMIT 1) AS newest;
    -- rows whose time the clock could not be trusted for: the boot they were written in, nanoseconds of that boot's own clock,
    -- and whether their time has been put right since
    CREATE TABLE doubt (
      number INTEGER PRIMARY KEY, boot TEXT NOT NULL, uptime INTEGER NOT NULL, kind TEXT NOT NULL, point INTEGER NOT NULL,
      row INTEGER NOT NULL, corrected INTEGER NOT NULL DEFAULT 0) STRICT;
    CREATE INDEX doubt_of_boot ON doubt (boot, corrected);
    CREATE INDEX doubt_of_row ON doubt (kind, point, row);
    """
}
