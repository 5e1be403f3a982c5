import Glibc
import SQLite

/// A damaged database as it can still be read: the file itself under another name, untouched, beside a log written anew out of
/// the frames that verify. In a folder of its own that goes with this object.
final class SalvageImage {
  let database: Database
  private let path: String

  /// - Parameter frames: in order; the later one of a page counts.
  init(
    _ path: String, _ pages: [SchemaPages.Page], _ log: WriteAheadLog?, _ frames: [WriteAheadLog.Frame]
  ) throws(StoreError) {
    self.path = path
    let folder = Self.folder(path)
    Self.clear(path)
    guard mkdir(folder, 0o700) == 0 else { throw StoreError(errno: "make", folder) }
    let image = folder + "/image.db"
    do {
      try Self.place(path, at: image)
      try Self.writeLog(image + "-wal", of: path, pages, log, frames)
      database = try naming("read", path) { () throws(SQLiteError) in
        let database = try Database(path: image, mode: .readOnly)
        // What a hostile or damaged file must not do to whoever reads it (sqlite.org/security.html).
        try database.execute("PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF; PRAGMA mmap_size = 0")
        return database
      }
    } catch {
      Self.clear(path)
      throw error
    }
  }

  deinit { Self.clear(path) }

  /// Beside a file without a byte SQLite would throw the log away: an empty page stands in.
  private static func place(_ path: String, at image: String) throws(StoreError) {
    if try DiskFile.ifPresent(path)?.byteCount() == 0 {
      try DiskFile.make(image).write([UInt8](repeating: 0, count: 4096), at: 0)
    } else {
      try Disk.link(path, to: image)
    }
  }

  private static func folder(_ path: String) -> String { path + ".image" }

  /// Also what a process left that was killed.
  static func clear(_ path: String) {
    let folder = folder(path)
    for suffix in ["", "-wal", "-shm"] { unlink(folder + "/image.db" + suffix) }
    rmdir(folder)
  }

  private static func writeLog(
    _ path: String, of original: String, _ pages: [SchemaPages.Page], _ log: WriteAheadLog?, _ frames: [WriteAheadLog.Frame]
  ) throws(StoreError) {
    guard !pages.isEmpty || !frames.isEmpty else { return }
    let pageBytes = log?.pageBytes ?? 4096
    let size = try DiskFile.ifPresent(original)?.byteCount() ?? 0
    let pagesAfter = max(UInt32(clamping: size / pageBytes), frames.map(\.pagesAfter).max() ?? 0)
    var writer = try LogWriter(path, pageBytes: pageBytes)
    for (number, page) in pages.enumerated() {
      let isLast = number == pages.count - 1 && frames.isEmpty
      // The first page tells how many there are: of today, not of the day it was copied.
      var bytes = page.bytes
      if page.number == 1 { bytes.replaceSubrange(28..<32, with: [UInt8].word(pagesAfter)) }
      try writer.append(page.number, bytes, pagesAfter: isLast ? pagesAfter : 0)
    }
    guard let log, !frames.isEmpty, let source = try DiskFile.ifPresent(original + "-wal") else { return }
    for (number, frame) in frames.enumerated() {
      let bytes = try log.content(of: frame, in: source)
      try writer.append(frame.page, bytes, pagesAfter: number == frames.count - 1 ? pagesAfter : 0)
    }
  }
}

/// Writes a write-ahead log of one transaction that SQLite takes for its own.
private struct LogWriter {
  private let file: DiskFile
  private let pageBytes: Int
  private var sum: Checksum
  private var offset = WriteAheadLog.headerBytes
  private static let salt: [UInt8] = .word(1) + .word(2)

  init(_ path: String, pageBytes: Int) throws(StoreError) {
    let file = try DiskFile.make(path)
    let head: [UInt8] = .word(0x377f_0682) + .word(3_007_000) + .word(UInt32(pageBytes)) + .word(0) + Self.salt
    let sum = Checksum().over(head[...], false)
    try file.write(head + .word(sum.first) + .word(sum.second), at: 0)
    self.file = file
    self.pageBytes = pageBytes
    self.sum = sum
  }

  mutating func append(_ page: UInt32, _ bytes: [UInt8], pagesAfter: UInt32) throws(StoreError) {
    let head: [UInt8] = .word(page) + .word(pagesAfter)
    sum = sum.over(head[...], false).over(bytes[...], false)
    try file.write(head + Self.salt + .word(sum.first) + .word(sum.second) + bytes, at: offset)
    offset += WriteAheadLog.frameHeaderBytes + pageBytes
  }
}
