/// SQLite's write-ahead log as it lies on the disk (sqlite.org/fileformat2.html, "The Write-Ahead Log").
/// SQLite takes a frame with a wrong checksum for the log's end and says nothing of the committed frames behind it: so the log is
/// read here first. A frame's checksum goes on from its predecessor's, so that frames behind a damaged one can still be verified.
struct WriteAheadLog {
  struct Frame: Equatable {
    /// Position in the file, from 0.
    var index: Int
    var page: UInt32
    /// The database's size in pages after the transaction that this frame ends; 0 in any other frame.
    var pagesAfter: UInt32
    /// Its checksum fits the predecessor's, as that is stored.
    var isIntact: Bool

    var endsTransaction: Bool { pagesAfter != 0 }
  }

  /// What can be told from the frames.
  enum Condition: Equatable {
    case sound
    /// The last transaction is torn, as a power cut before its end leaves it, or it was damaged: what was acknowledged last may be missing.
    case inDoubt
    /// Frames of the same generation lie behind a damaged one: committed data that SQLite would drop in silence.
    case damaged
    /// Shorter than it was made, and in use up to its end.
    case cutShort
  }

  static let headerBytes = 32
  static let frameHeaderBytes = 24

  let pageBytes: Int
  let isBigEndian: Bool
  /// All frames of the present generation, in order.
  private(set) var frames: [Frame] = []
  /// Frames that SQLite itself takes: up to the last transaction before the first frame that does not fit.
  private(set) var taken = 0
  private(set) var condition = Condition.sound

  /// - Parameter madeBytes: how long the file was made, 0 when that is not known.
  /// - Returns: `nil` when there is no log, or nothing in it.
  static func read(_ path: String, madeBytes: Int = 0) throws(StoreError) -> WriteAheadLog? {
    guard let file = try DiskFile.ifPresent(path) else { return nil }
    let header = try file.read(headerBytes, at: 0)
    guard header.count == headerBytes, header.contains(where: { $0 != 0 }) else { return nil }
    var log = WriteAheadLog(header)
    try log.scan(file, header, madeBytes: madeBytes)
    return log
  }

  private init(_ header: [UInt8]) {
    let isOther = header.word(0) == 0x377f_0683
    isBigEndian = isOther && Checksum().over(header[..<24], true) == Checksum(header.word(24), header.word(28))
    let size = Int(header.word(8))
    pageBytes = size >= 512 && size <= 65536 && size & (size - 1) == 0 ? size : 4096
  }

  private mutating func scan(_ file: DiskFile, _ header: [UInt8], madeBytes: Int) throws(StoreError) {
    let (computed, stored) = (Checksum().over(header[..<24], isBigEndian), Checksum(header.word(24), header.word(28)))
    let headerFits = computed == stored && header.word(0) & ~1 == 0x377f_0682
    let count = max(0, try file.byteCount() - Self.headerBytes) / (Self.frameHeaderBytes + pageBytes)
    // Of a damaged header the first frame tells which generation is the present one.
    let first = try file.read(Self.frameHeaderBytes, at: Self.headerBytes)
    let bytes = try file.byteCount()
    guard first.count == Self.frameHeaderBytes else { return condition = bytes < madeBytes ? .cutShort : .sound }
    let salt = headerFits ? header[16..<24] : first[8..<16]
    // What the next frame's checksum may go on from: the predecessor's as it is stored, or as its bytes make it.
    var seeds = [stored, computed]
    var run = 0
    for index in 0..<count {
      let offset = Self.headerBytes + index * (Self.frameHeaderBytes + pageBytes)
      let head = try file.read(Self.frameHeaderBytes, at: offset)
      guard head[8..<16].elementsEqual(salt) else {
        seeds = []
        continue
      }
      let page = try file.read(pageBytes, at: offset + Self.frameHeaderBytes)
      let stored = Checksum(head.word(16), head.word(20))
      let made = seeds.lazy.map { [isBigEndian] in $0.over(head[..<8], isBigEndian).over(page[...], isBigEndian) }
      let fitting = made.firstIndex(of: stored)
      if fitting == 1, let before = frames.indices.last, frames[before].index == index - 1 { frames[before].isIntact = true }
      if headerFits, fitting == 0, run == index { run = index + 1 }
      frames.append(Frame(index: index, page: head.word(0), pagesAfter: head.word(4), isIntact: fitting != nil))
      if run == index + 1, head.word(4) != 0 { taken = run }
      seeds = fitting == nil ? [stored] + made : [stored]
    }
    condition = judge(headerFits: headerFits, intactRun: run, reachesEnd: run == count && bytes < madeBytes)
  }

  private func judge(headerFits: Bool, intactRun: Int, reachesEnd: Bool) -> Condition {
    if reachesEnd { return .cutShort }
    let behind = frames.filter { $0.index >= intactRun }
    guard !behind.isEmpty else { return .sound }
    if !headerFits { return behind.contains { $0.isIntact } ? .damaged : .inDoubt }
    // One writer that syncs each commit leaves at most one transaction torn: a second one behind the damage was committed.
    let last = behind.last?.index ?? 0
    return behind.contains { $0.endsTransaction && $0.index < last } ? .damaged : .inDoubt
  }

  /// Frames that may be used for a salvage: whole transactions at the end at least.
  var salvageable: [Frame] {
    let intact = frames.filter { $0.isIntact || $0.index < taken }
    guard let end = intact.lastIndex(where: \.endsTransaction) else { return [] }
    return Array(intact[...end])
  }

  /// Transactions behind the damage, as far as their ends can be read.
  var transactionsBehind: Int { frames.count { $0.index >= taken && $0.endsTransaction } }

  func content(of frame: Frame, in file: DiskFile) throws(StoreError) -> [UInt8] {
    try file.read(
      pageBytes, at: Self.headerBytes + frame.index * (Self.frameHeaderBytes + pageBytes) + Self.frameHeaderBytes)
  }
}

/// The log's own checksum ("Checksum Algorithm" of the file format): two sums over pairs of words.
struct Checksum: Equatable {
  var first: UInt32 = 0
  var second: UInt32 = 0

  init(_ first: UInt32 = 0, _ second: UInt32 = 0) { (self.first, self.second) = (first, second) }

  /// - Parameter bytes: a multiple of 8.
  func over(_ bytes: ArraySlice<UInt8>, _ isBigEndian: Bool) -> Checksum {
    var (a, b) = (first, second)
    bytes.withUnsafeBytes { buffer in
      var offset = 0
      while offset + 8 <= buffer.count {
        let one = buffer.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        let two = buffer.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
        a = a &+ (isBigEndian ? one.bigEndian : one.littleEndian) &+ b
        b = b &+ (isBigEndian ? two.bigEndian : two.littleEndian) &+ a
        offset += 8
      }
    }
    return Checksum(a, b)
  }
}

extension [UInt8] {
  /// A big-endian word, as headers of database and log hold them.
  func word(_ offset: Int) -> UInt32 {
    self[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }

  static func word(_ value: UInt32) -> [UInt8] { (0..<4).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
}
