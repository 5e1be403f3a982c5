import Foundation
import TestSupport
import Testing

@testable import Agent

/// What a store is bound to: the machine, not what happens to run on it.
@Suite struct HardwareTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func card(_ name: String, _ address: String, isDevice: Bool, assigned: Int = 0) throws {
    let path = folder.path + "/sys/class/net/" + name
    try FileManager.default.createDirectory(atPath: path + (isDevice ? "/device" : ""), withIntermediateDirectories: true)
    try Data("\(address)\n".utf8).write(to: URL(filePath: path + "/address"))
    try Data("\(assigned)\n".utf8).write(to: URL(filePath: path + "/addr_assign_type"))
  }

  private var binding: [UInt8] { Hardware.binding(root: folder.path) }

  @Test("bridges and cards with a made-up address that come and go are not the hardware; another card is")
  func cards() throws {
    try card("lo", "00:00:00:00:00:00", isDevice: false)
    try card("eth0", "02:00:00:00:00:01", isDevice: true)
    let before = binding
    try card("br-4f1c", "02:42:00:00:00:02", isDevice: false, assigned: 1)
    try card("docker0", "02:42:00:00:00:03", isDevice: false, assigned: 3)
    try card("dongle", "02:42:00:00:00:04", isDevice: true, assigned: 3)
    #expect(binding == before)
    try card("eth0", "02:00:00:00:00:05", isDevice: true)
    #expect(binding != before)
  }

  @Test("where no card is a device the first that has an address counts")
  func container() throws {
    let none = binding
    try card("eth0", "02:42:ac:11:00:02", isDevice: false, assigned: 3)
    #expect(binding != none)
  }
}
