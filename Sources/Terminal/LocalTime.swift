import Glibc
import Signal

extension UnixTime {
  /// `2026-11-24 14:03:07 CET`: people see local time with its zone.
  package var local: String {
    var seconds = time_t(nanoseconds / 1_000_000_000)
    var parts = tm()
    localtime_r(&seconds, &parts)
    var buffer = [CChar](repeating: 0, count: 64)
    let length = strftime(&buffer, buffer.count, "%Y-%m-%d %H:%M:%S %Z", &parts)
    return String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  package static var now: UnixTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return UnixTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}

/// `12 s`, `5 min`, `3 h`, `2 d`.
package func span(seconds: Double) -> String {
  switch max(0, seconds) {
  case let value where value < 90: "\(Int(value)) s"
  case let value where value < 90 * 60: "\(Int(value / 60)) min"
  case let value where value < 48 * 3600: "\(Int(value / 3600)) h"
  case let value: "\(Int(value / 86_400)) d"
  }
}
