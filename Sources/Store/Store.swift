import Contracts
import SQLite
import Signal

/// Everything durable: one state folder, one writing connection, one transaction for all that waits.
/// May be used from any thread; a call that writes blocks until its data is on the disk.
package final class Store: Sendable {
  package let folder: String
  /// Rises by one at each opening of the store, durably.
  package let incarnation: UInt64
  /// For everything that is read while the store is open; a connection of its own.
  package let reader: StoreReader
  private let writing: GroupCommit<Work, StoreError>
  private let lock: StateLock
  /// What was found when it was opened.
  package let opening: OpeningReport

  init(
    _ folder: String, _ lock: StateLock, _ writer: sending Writer, _ incarnation: UInt64, _ reader: StoreReader,
    _ opening: OpeningReport
  ) {
    self.folder = folder
    self.lock = lock
    self.opening = opening
    self.incarnation = incarnation
    self.reader = reader
    writing = GroupCommit { works in writer.write(works) }
  }

  /// Makes all of `change` durable, or throws and leaves the store as it was: the same change may then be committed again.
  package func commit(_ change: Change) throws(StoreError) { try writing.commit(.change(change)) }

  /// Starts a new numbering for the plane; what it has not got yet is numbered again and keeps its bytes.
  package func renewEpoch(reason: String, binding: [UInt8], at time: UnixTime) throws(StoreError) {
    try writing.commit(.newEpoch(binding: binding, reason: reason, at: time))
  }

  /// Other processes that look at the store at this moment.
  package var readers: [LogReaders.Reader] { LogReaders(StoreFile.path(in: folder)).others }

  /// Reads everything through in short steps, each event against its chain.
  /// - Parameter next: called between two steps; ends the reading by `false`.
  /// - Returns: what is damaged; `nil` when nothing is, or it was ended.
  package func scrub(next: () -> Bool) throws(StoreError) -> String? {
    try Scrub(StoreFile.path(in: folder)).run(next: next)
  }

  /// Something that was read here is not what was written: the next opening salvages the store.
  package func suspect(_ reason: String) { Self.raiseSuspicion(in: folder, reason) }

  package static func raiseSuspicion(in folder: String, _ reason: String) {
    Suspicion.raise(StoreFile.path(in: folder), reason: reason)
  }
}
