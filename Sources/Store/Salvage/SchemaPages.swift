/// Copies of the pages without which nothing of a database can be read: the first one and those of the list of tables.
/// They change with the schema alone; `thrum.db.pages` keeps them beside the database, with the length the log was made.
struct SchemaPages: Equatable {
  struct Page: Equatable {
    var number: UInt32
    var bytes: [UInt8]
  }

  var pages: [Page]
  /// Bytes that the write-ahead log was made.
  var logBytes: Int

  static func path(_ database: String) -> String { database + ".pages" }

  /// Reads them from a database whose log is moved into it; `nil` when they do not look like a list of tables.
  static func of(_ database: String, logBytes: Int) throws(StoreError) -> SchemaPages? {
    guard let file = try DiskFile.ifPresent(database) else { return nil }
    let first = try file.read(pageBytes, at: 0)
    guard first.count == pageBytes, first[..<6].elementsEqual("SQLite".utf8) else { return nil }
    var pages = [Page(number: 1, bytes: first)]
    // b-tree page header at 100: type, …, cells at +3; an interior page's cell begins with its child ("B-tree Pages").
    if first[100] == 5 {
      let cells = Int(first[103]) << 8 | Int(first[104])
      guard cells < 200 else { return nil }
      var children = [first.word(108)]
      for cell in 0..<cells {
        let pointer = 112 + cell * 2
        let offset = Int(first[pointer]) << 8 | Int(first[pointer + 1])
        guard offset + 4 <= pageBytes else { return nil }
        children.append(first.word(offset))
      }
      for child in children.sorted() {
        let bytes = try file.read(pageBytes, at: (Int(child) - 1) * pageBytes)
        guard bytes.count == pageBytes, bytes[0] == 13 else { return nil }
        pages.append(Page(number: child, bytes: bytes))
      }
    }
    return SchemaPages(pages: pages, logBytes: logBytes)
  }

  /// What was kept; `nil` when nothing was, or it is damaged itself.
  static func kept(beside database: String) -> SchemaPages? {
    guard let file = try? DiskFile.ifPresent(path(database)), let bytes = try? file.read(1 << 20, at: 0) else { return nil }
    guard bytes.count >= 24, (bytes.count - 24) % (8 + pageBytes) == 0 else { return nil }
    let sum = Checksum().over(bytes[8...], false)
    guard Checksum(bytes.word(0), bytes.word(4)) == sum else { return nil }
    let pages = stride(from: 24, to: bytes.count, by: 8 + pageBytes).map {
      Page(number: bytes.word($0), bytes: Array(bytes[$0 + 8..<$0 + 8 + pageBytes]))
    }
    return SchemaPages(pages: pages, logBytes: Int(bytes.word(8)) << 32 | Int(bytes.word(12)))
  }

  /// Writes them where they differ from what is there: page 1 also holds counters, which do not matter.
  func keep(beside database: String) throws(StoreError) {
    if let kept = Self.kept(beside: database), kept.logBytes == logBytes, kept.outline == outline { return }
    var body: [UInt8] = .word(UInt32(truncatingIfNeeded: logBytes >> 32)) + .word(UInt32(truncatingIfNeeded: logBytes))
    body += [UInt8](repeating: 0, count: 8)
    for page in pages { body += .word(page.number) + [0, 0, 0, 0] + page.bytes }
    let sum = Checksum().over(body[...], false)
    try Disk.replace(Self.path(database), with: .word(sum.first) + .word(sum.second) + body)
  }

  private var outline: [Page] {
    pages.map { $0.number == 1 ? Page(number: 1, bytes: Array($0.bytes[40..<44] + $0.bytes[60..<64] + $0.bytes[100...])) : $0 }
  }

  private static let pageBytes = 4096
}
