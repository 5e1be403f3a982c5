import Glibc

/// What is printed on.
package enum Screen {
  /// Columns of the terminal, 80 at least, and 80 where there is none.
  package static let columns: Int = {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 else { return 80 }
    return max(80, Int(size.ws_col))
  }()
}
