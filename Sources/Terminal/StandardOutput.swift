@preconcurrency import Glibc

/// What was printed, on its way out: a full disk, or a closed descriptor, is noticed when the buffer is emptied.
package enum StandardOutput {
  /// Empties the buffer.
  /// - Throws: `Failure` when something printed could not be written, now or before. A reader who went away (EPIPE) has what he wanted.
  package static func flush() throws(Failure) {
    let isWhole = fflush(stdout) == 0
    let cause = errno
    if isWhole, ferror(stdout) == 0 { return }
    if !isWhole, cause == EPIPE { return }
    throw Failure(reason: isWhole ? "not everything could be written" : String(cString: strerror(cause)))
  }

  package struct Failure: Error, CustomStringConvertible {
    package let reason: String
    package var description: String { "write to standard output: \(reason); what was printed is not complete" }
  }
}
