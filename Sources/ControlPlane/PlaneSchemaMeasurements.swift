extension PlaneSchema {
  /// What gateways measure, and what became of their frames.
  static let measurements = """
    CREATE INDEX event_of_lane ON event (lane, row);
    -- the newest word of each point, as the gateway counts since its store was made
    CREATE TABLE ledger (
      gateway INTEGER NOT NULL REFERENCES gateway (id), machine TEXT NOT NULL, point TEXT NOT NULL, told_at INTEGER NOT NULL,
      received INTEGER NOT NULL, analysed INTEGER NOT NULL, pending INTEGER NOT NULL, quarantined INTEGER NOT NULL,
      duplicate INTEGER NOT NULL, dropped INTEGER NOT NULL, missing INTEGER NOT NULL, reasons TEXT NOT NULL,
      PRIMARY KEY (gateway, machine, point)) STRICT, WITHOUT ROWID;
    -- when a gateway's boot began by its newest word, nanoseconds since 1970
    CREATE TABLE boot (
      gateway INTEGER NOT NULL REFERENCES gateway (id), boot TEXT NOT NULL, began INTEGER NOT NULL,
      PRIMARY KEY (gateway, boot)) STRICT, WITHOUT ROWID;
    -- events stamped by a clock in doubt: the boot, and nanoseconds of its own clock
    CREATE TABLE doubt (
      gateway INTEGER NOT NULL REFERENCES gateway (id), boot TEXT NOT NULL, event INTEGER NOT NULL REFERENCES event (row),
      uptime INTEGER NOT NULL, corrected INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (gateway, boot, event)) STRICT, WITHOUT ROWID;
    """
}
