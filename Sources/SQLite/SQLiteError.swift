/// What SQLite refused, on which file or statement, and what to do about it.
package struct SQLiteError: Error, Sendable, Equatable, CustomStringConvertible {
  /// `open`, `prepare`, `step` …
  package var operation: String
  /// The file, or the statement's text.
  package var object: String
  /// SQLite's own words.
  package var reason: String
  package var remedy: String?
  /// Primary result code (sqlite.org/rescode.html).
  package var code: Int32
  package var extendedCode: Int32

  package init(operation: String, object: String, reason: String, extendedCode: Int32) {
    self.operation = operation
    self.object = object
    self.reason = reason
    self.extendedCode = extendedCode
    code = extendedCode & 0xFF
    remedy = Self.remedies[code]
  }

  /// What a damaged file gives.
  package static let corrupt: Int32 = 11

  package var isBusy: Bool { code == 5 || code == 6 }
  package var isReadOnly: Bool { code == 8 }
  package var isCorrupt: Bool { code == Self.corrupt || code == 26 }
  package var isConstraint: Bool { code == 19 }
  package var isInputOutput: Bool { code == 10 }
  package var isFull: Bool { code == 13 }
  package var cannotOpen: Bool { code == 14 }

  package var description: String {
    "\(operation) \(object): \(reason) (\(extendedCode))" + (remedy.map { "; \($0)" } ?? "")
  }

  private static let remedies: [Int32: String] = [
    5: "another connection holds the write lock",
    8: "the file or its folder cannot be written: check its owner and whether the disk is mounted read-only",
    11: "the file is damaged: set it aside under another name",
    13: "no room: free space on the disk or raise store.max_bytes",
    14: "check that the folder exists and who may use it",
    26: "this is not a Thrum database: set it aside under another name",
  ]
}
