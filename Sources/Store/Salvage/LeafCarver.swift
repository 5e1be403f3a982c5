import SQLite

/// The newest version of each page of a damaged database.
struct PageSource {
  private let file: DiskFile?
  private let logFile: DiskFile?
  private let log: WriteAheadLog?
  private var frames: [UInt32: WriteAheadLog.Frame] = [:]
  let pageCount: UInt32
  static let pageBytes = 4096

  init(_ path: String, _ log: WriteAheadLog?, _ frames: [WriteAheadLog.Frame]) throws(StoreError) {
    let file = try DiskFile.ifPresent(path)
    let size = try file?.byteCount() ?? 0
    pageCount = max(UInt32(clamping: size / Self.pageBytes), frames.map(\.pagesAfter).max() ?? 0)
    self.log = log
    for frame in frames { self.frames[frame.page] = frame }
    logFile = try DiskFile.ifPresent(path + "-wal")
    self.file = file
  }

  /// `nil` when there is no such page.
  func page(_ number: UInt32) throws(StoreError) -> [UInt8]? {
    guard number >= 1, number <= pageCount else { return nil }
    let bytes: [UInt8]?
    if let frame = frames[number], let log {
      guard let logFile else { return nil }
      bytes = try log.content(of: frame, in: logFile)
    } else {
      bytes = try file?.read(Self.pageBytes, at: (Int(number) - 1) * Self.pageBytes)
    }
    return bytes?.count == Self.pageBytes ? bytes : nil
  }
}

/// Finds the rows of the table of events in the leaves themselves (sqlite.org/fileformat2.html, "B-tree Pages", "Record Format"),
/// without the pages that would lead there.
struct LeafCarver {
  private let source: PageSource

  init(source: PageSource) { self.source = source }

  /// - Parameter take: a row's number and its columns, in the order of `SalvageCopy.carvedColumns`.
  func events(_ take: (Int64, [AnyValue]) throws(StoreError) -> Void) throws(StoreError) {
    guard source.pageCount > 1 else { return }
    for number in 2...source.pageCount {
      guard let page = try source.page(number), page[0] == 13 else { continue }
      let cells = Int(page[3]) << 8 | Int(page[4])
      guard cells < PageSource.pageBytes / 4 else { continue }
      for cell in 0..<cells {
        let pointer = 8 + cell * 2
        guard let (row, record) = try record(page, at: Int(page[pointer]) << 8 | Int(page[pointer + 1])) else { continue }
        guard let values = Record.values(record), values.count == 10, values[0] == .null else { continue }
        try take(row, Array(values.dropFirst()))
      }
    }
  }

  /// A cell's row number and its record, with what continues in overflow pages.
  private func record(_ page: [UInt8], at offset: Int) throws(StoreError) -> (Int64, [UInt8])? {
    guard offset >= 8, let (size, a) = Record.varint(page[...], at: offset), let (row, b) = Record.varint(page[...], at: a),
      size > 0, size < 16 << 20
    else { return nil }
    let local = Record.localBytes(Int(size))
    guard b + local <= page.count else { return nil }
    var record = Array(page[b..<b + local])
    guard record.count < size else { return (row, record) }
    guard b + local + 4 <= page.count else { return nil }
    var next = page.word(b + local)
    while record.count < size {
      guard let more = try source.page(next) else { return nil }
      record += more[4..<min(PageSource.pageBytes, 4 + Int(size) - record.count)]
      next = more.word(0)
    }
    return (row, record)
  }
}

/// SQLite's record format.
enum Record {
  /// - Returns: the value and where the next byte stands.
  static func varint(_ bytes: ArraySlice<UInt8>, at start: Int) -> (Int64, Int)? {
    var value: UInt64 = 0
    for index in 0..<9 {
      let position = start + index
      guard position < bytes.endIndex else { return nil }
      let byte = UInt64(bytes[position])
      if index == 8 { return (Int64(bitPattern: value << 8 | byte), position + 1) }
      value = value << 7 | byte & 0x7F
      if byte & 0x80 == 0 { return (Int64(bitPattern: value), position + 1) }
    }
    return nil
  }

  /// Bytes of a table leaf's payload that stand in the leaf itself.
  static func localBytes(_ size: Int) -> Int {
    let (usable, most) = (PageSource.pageBytes, PageSource.pageBytes - 35)
    guard size > most else { return size }
    let least = (usable - 12) * 32 / 255 - 23
    let split = least + (size - least) % (usable - 4)
    return split <= most ? split : least
  }

  static func values(_ record: [UInt8]) -> [AnyValue]? {
    guard let (headerSize, first) = varint(record[...], at: 0), headerSize > 0, headerSize <= record.count else { return nil }
    var (position, body) = (first, Int(headerSize))
    var values: [AnyValue] = []
    while position < Int(headerSize) {
      guard let (type, next) = varint(record[...], at: position), type >= 0 else { return nil }
      let size = bytes(of: type)
      guard size >= 0, size <= record.count - body else { return nil }
      values.append(value(record[body..<body + size], of: type))
      (position, body) = (next, body + size)
    }
    return values
  }

  private static func bytes(of type: Int64) -> Int {
    switch type {
    case 0, 8, 9: 0
    case 1...4: Int(type)
    case 5: 6
    case 6, 7: 8
    case 10, 11: -1
    default: Int((type - 12) / 2)
    }
  }

  private static func value(_ bytes: ArraySlice<UInt8>, of type: Int64) -> AnyValue {
    switch type {
    case 0: .null
    case 8, 9: .integer(type - 8)
    case 1...6:
      .integer(bytes.reduce(bytes.first.map { $0 >= 0x80 } == true ? -1 : 0) { $0 << 8 | Int64($1) })
    case 7: .real(Double(bitPattern: bytes.reduce(0) { $0 << 8 | UInt64($1) }))
    default: type.isMultiple(of: 2) ? .blob(Array(bytes)) : .text(String(decoding: bytes, as: UTF8.self))
    }
  }
}
