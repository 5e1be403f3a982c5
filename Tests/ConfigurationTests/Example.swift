import Foundation

enum Example {
  static let contract = """
    [gateway]
    fleet = "demo"
    name = "gw-1"
    [broker]
    url = "mqtt://127.0.0.1:1883"
    protocol = "auto"
    [plane]
    url = "mqtts://plane.example"
    budget_bytes_per_day = 5_000_000
    [store]
    max_bytes = 536_870_912
    max_age_days = 90
    preallocate = false
    [[source]]
    topic = "plant/{machine}/{point}/vib"
    qos = 1
    payload = "f32le"
    unit = "g"
    sample_rate_hz = 12000
    expected_interval_s = 1
    [[machine]]
    name = "pump-7"
    severity = "iso20816-3/group2/rigid"
    speed_rpm = 1485
    power_kw = 45
    [[machine.point]]
    name = "drive-end"
    direction = "radial"
    bearing = "6313"
    """

  /// A source that is right as it stands and can be added to.
  static func source(_ topic: String) -> String {
    """
    [[source]]
    topic = "\(topic)/{machine}/{point}"
    payload = "f32le"
    unit = "g"
    sample_rate_hz = 1000

    """
  }
}

/// Files in a folder that goes away with this object.
final class TemporaryConfig {
  let path: String

  init(_ files: [String: String]) throws {
    path = NSTemporaryDirectory() + "thrum-config-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path + "/conf.d", withIntermediateDirectories: true)
    for (name, text) in files { try write(name, bytes: Array(text.utf8)) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, bytes: [UInt8]) throws { try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)")) }
}
