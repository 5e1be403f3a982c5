import Glibc
import Signal

/// What tells this gateway from another that runs a copy of its disk (PROTOCOL "epoch").
enum Hardware {
  /// Hash of the machine id and of the board's serial number or the first network card's address.
  static var binding: [UInt8] {
    let board = text(of: "/sys/firmware/devicetree/base/serial-number") ?? firstAddress ?? ""
    let digest = Digest64.of((text(of: "/etc/machine-id") ?? "") + "\n" + board)
    return withUnsafeBytes(of: digest.bigEndian) { Array($0) }
  }

  /// Of the first card by name that has one; the loopback's is all zeros.
  private static var firstAddress: String? {
    guard let folder = opendir("/sys/class/net") else { return nil }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      names.append(
        withUnsafePointer(to: entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names.sorted().lazy.filter { !$0.hasPrefix(".") }.compactMap { text(of: "/sys/class/net/\($0)/address") }
      .first { !$0.hasPrefix("00:00:00:00:00:00") }
  }

  private static func text(of path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = fread(&bytes, 1, bytes.count, file)
    return count == 0 ? nil : String(decoding: bytes.prefix(count).filter { $0 > 0x20 }, as: UTF8.self)
  }
}
