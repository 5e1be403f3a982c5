/// What one broker session delivered last: tells a message that is delivered again from a new one (DESIGN, rule 7).
/// Its rows are committed with the batch that wrote them.
package struct RedeliveryRing: Sendable {
  package static let capacity = 4096

  package struct Row: Sendable, Equatable {
    /// 0 to 4095.
    package var slot: Int
    /// MQTT packet id.
    package var mid: UInt16
    /// Of topic and payload.
    package var digest: UInt64

    package init(slot: Int, mid: UInt16, digest: UInt64) {
      self.slot = slot
      self.mid = mid
      self.digest = digest
    }
  }

  private var rows: [Row] = []
  /// Rows that stood for a redelivered message on this connection.
  private var used: [Bool] = []
  private var nextSlot = 0
  private var unsaved = SessionChange(name: "")

  /// - Parameters:
  ///   - rows: as stored, in any order.
  ///   - nextSlot: the one after the newest row's.
  package init(name: String, rows: [Row] = [], nextSlot: Int = 0) {
    self.rows = rows.sorted { $0.slot < $1.slot }.enumerated().prefix { $0 == $1.slot }.map(\.element)
    used = Array(repeating: false, count: self.rows.count)
    self.nextSlot = nextSlot % Self.capacity
    unsaved = SessionChange(name: name)
  }

  /// A new connection: every row may stand for one redelivered message again; without a session there is nothing to deliver again.
  package mutating func connected(sessionPresent: Bool) {
    used = Array(repeating: false, count: rows.count)
    guard !sessionPresent else { return }
    (rows, used, nextSlot) = ([], [], 0)
    unsaved.isLost = true
    unsaved.rows = []
  }

  /// - Returns: whether the message was committed before: acknowledge it, do nothing else.
  package mutating func isDuplicate(mid: UInt16, digest: UInt64, isRedelivered: Bool) -> Bool {
    if isRedelivered, let index = index(mid: mid, digest: digest) {
      used[index] = true
      return true
    }
    remember(mid: mid, digest: digest)
    return false
  }

  /// What is to be committed since it was last taken; `nil` when nothing is.
  package mutating func takeChange() -> SessionChange? {
    guard unsaved.isLost || !unsaved.rows.isEmpty else { return nil }
    defer { unsaved = SessionChange(name: unsaved.name) }
    unsaved.nextSlot = nextSlot
    return unsaved
  }

  /// The row that the redelivered message is: by packet id and digest, or else by the digest alone, which a row serves only once.
  private func index(mid: UInt16, digest: UInt64) -> Int? {
    let candidates = rows.indices.filter { rows[$0].digest == digest }
    let exact = candidates.filter { rows[$0].mid == mid }
    return exact.first { !used[$0] } ?? exact.first ?? candidates.first { !used[$0] }
  }

  private mutating func remember(mid: UInt16, digest: UInt64) {
    let row = Row(slot: nextSlot, mid: mid, digest: digest)
    if nextSlot < rows.count {
      rows[nextSlot] = row
      used[nextSlot] = false
    } else {
      rows.append(row)
      used.append(false)
    }
    nextSlot = (nextSlot + 1) % Self.capacity
    unsaved.rows.append(row)
    if unsaved.rows.count > Self.capacity { unsaved.rows.removeFirst() }
  }
}

/// What a batch changes in the ring of one session.
package struct SessionChange: Sendable, Equatable {
  package var name: String
  /// The broker had forgotten the session: the stored ring is cleared first.
  package var isLost = false
  /// Each replaces what stands in its slot.
  package var rows: [RedeliveryRing.Row] = []
  package var nextSlot = 0

  package init(name: String) { self.name = name }
}
