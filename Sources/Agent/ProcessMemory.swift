import CProcess

/// Keeps the daemon small (docs/decisions/memory.md).
package enum ProcessMemory {
  /// Before the first thread starts.
  package static func shareHeap() { thrum_share_heap() }

  /// After the start, and after anything else that needed much for a short while.
  static func release() { thrum_release_memory() }
}
