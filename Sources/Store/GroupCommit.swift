import Glibc

/// Lets callers of several threads share one transaction. Whoever finds nobody writing writes for all that wait;
/// everybody returns when what they brought was written, with the outcome of that write.
final class GroupCommit<Item: Sendable, Failure: Error>: @unchecked Sendable {
  private let write: ([Item]) -> Result<Void, Failure>
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let written = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  // Behind `mutex`.
  private var waiting: [Ticket] = []
  private var isWriting = false

  private final class Ticket {
    let item: Item
    var outcome: Result<Void, Failure>?
    init(_ item: Item) { self.item = item }
  }

  /// - Parameter write: makes all items durable or none; called by one thread at a time.
  init(write: sending @escaping ([Item]) -> Result<Void, Failure>) {
    self.write = write
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(written, nil)
  }

  deinit {
    pthread_cond_destroy(written)
    pthread_mutex_destroy(mutex)
    written.deallocate()
    mutex.deallocate()
  }

  /// Returns when `item` is durable; items of one group keep the order in which they came.
  func commit(_ item: Item) throws(Failure) {
    let ticket = Ticket(item)
    pthread_mutex_lock(mutex)
    waiting.append(ticket)
    while isWriting, ticket.outcome == nil { pthread_cond_wait(written, mutex) }
    if ticket.outcome == nil { lead() }
    let outcome = ticket.outcome
    pthread_mutex_unlock(mutex)
    try outcome?.get()
  }

  /// Writes all that waits. Called and left with the mutex held, which is free meanwhile.
  private func lead() {
    isWriting = true
    let group = waiting
    waiting = []
    pthread_mutex_unlock(mutex)
    let outcome = write(group.map(\.item))
    pthread_mutex_lock(mutex)
    for ticket in group { ticket.outcome = outcome }
    isWriting = false
    pthread_cond_broadcast(written)
  }
}
