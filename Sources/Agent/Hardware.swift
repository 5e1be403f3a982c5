import Glibc
import Signal

/// What tells this gateway from another that runs a copy of its disk (PROTOCOL "epoch").
enum Hardware {
  /// Hash of the machine id and of the board's serial number or the first network card's address.
  /// - Parameter root: where `/sys` and `/etc` are; a test has its own.
  static func binding(root: String = "") -> [UInt8] {
    let board = text(of: root + "/sys/firmware/devicetree/base/serial-number") ?? firstAddress(in: root + "/sys/class/net") ?? ""
    let digest = Digest64.of((text(of: root + "/etc/machine-id") ?? "") + "\n" + board)
    return withUnsafeBytes(of: digest.bigEndian) { Array($0) }
  }

  /// Of the first card by name: of those that are devices and keep the address they were made with, else of those that are devices,
  /// else of any (a container has no other). Bridges, tunnels and the like come and go with what runs; the loopback's is all zeros.
  private static func firstAddress(in folder: String) -> String? {
    let cards = names(in: folder).map { folder + "/" + $0 }
    let devices = cards.filter { access($0 + "/device", F_OK) == 0 }
    let permanent = devices.filter { text(of: $0 + "/addr_assign_type") == "0" }
    return [permanent, devices, cards].lazy.flatMap { $0 }.compactMap { text(of: $0 + "/address") }
      .first { !$0.hasPrefix("00:00:00:00:00:00") }
  }

  private static func names(in folder: String) -> [String] {
    guard let folder = opendir(folder) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      names.append(
        withUnsafePointer(to: entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names.filter { !$0.hasPrefix(".") }.sorted()
  }

  private static func text(of path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = fread(&bytes, 1, bytes.count, file)
    return count == 0 ? nil : String(decoding: bytes.prefix(count).filter { $0 > 0x20 }, as: UTF8.self)
  }
}
