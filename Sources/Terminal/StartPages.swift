import FoundationEssentials
import Glibc

/// Pages of code that a program has touched: most of them once, to understand its arguments (docs/decisions/memory.md).
enum StartPages {
  /// Lets them go. They are read-only pages of files: what is needed again is mapped again from the page cache (madvise(2),
  /// MADV_DONTNEED), so nothing is lost, and a kernel that refuses changes nothing.
  static func release() {
    guard let maps = try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8) else { return }
    for line in maps.split(separator: "\n") { release(line) }
  }

  /// - Parameter mapping: a line of /proc/self/maps (proc(5)): first-end, rights, offset, device, inode, path.
  private static func release(_ mapping: Substring) {
    let fields = mapping.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
    guard fields.count == 6, fields[1] == "r-xp", fields[5].hasPrefix("/") else { return }
    let bounds = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
    guard bounds.count == 2, let start = UnsafeMutableRawPointer(bitPattern: bounds[0]), bounds[1] > bounds[0] else { return }
    madvise(start, Int(bounds[1] - bounds[0]), Int32(MADV_DONTNEED))
  }
}
