import Foundation
import Signal
import Simulator
import TestSupport
import Testing

/// `thrum evaluate` on recordings of a machine that does not exist.
@Suite struct EvaluateTests {
  private static let columns =
    "file,dataset,group,machine,point,unit,encoding,scale,sample_rate_hz,snapshots,snapshot_samples,snapshot_interval_s,"
    + "time_start,rpm,role,label,bpfo_x,bpfi_x,bsf_x,ftf_x"

  private static let recordings: [(name: String, fault: MachineSimulator.Fault, seconds: Int)] = [
    ("base", .none, 6), ("quiet", .none, 3), ("first", .outer, 3), ("second", .inner, 3),
  ]

  private func write(labels: [String], to folder: TemporaryFolder) throws {
    var machine = MachineSimulator.Machine()
    machine.sampleRateHz = 12_000
    var lines = [Self.columns]
    for (index, (recording, label)) in zip(Self.recordings, labels).enumerated() {
      var simulator = MachineSimulator(fault: recording.fault, machine: machine, seed: UInt64(index + 1))
      let samples = simulator.next(recording.seconds * 12_000).samples
      try samples.withUnsafeBytes { Data($0) }.write(to: URL(fileURLWithPath: folder.path("\(recording.name).f32")))
      let role = index == 0 ? "baseline" : "test"
      lines.append(
        "\(recording.name).f32,sim,rig,rig,de,g,f32le,1,12000,1,\(samples.count),,,1500,\(role),\(label),3.245,4.755,2.555,0.4056"
      )
    }
    try folder.write(lines.joined(separator: "\n") + "\n", to: "manifest.csv")
  }

  private func thrum(_ arguments: String...) throws -> Printed {
    try GatewayProcess("").run("thrum", ["evaluate"] + arguments)
  }

  private func evaluate(labels: [String]) throws -> (set: [String: Any], recordings: [[String: Any]]) {
    let folder = try TemporaryFolder()
    try write(labels: labels, to: folder)
    let object = try #require(try thrum("--manifest", folder.path("manifest.csv"), "--json").objects().first)
    let sets = try #require(object["data_sets"] as? [[String: Any]])
    return (try #require(sets.first), try #require(object["recordings"] as? [[String: Any]]))
  }

  @Test("faults are detected and named, the healthy recording is neither")
  func figures() throws {
    let found = try evaluate(labels: ["healthy", "healthy", "outer", "inner"])
    let expected = [
      "points": 1, "fault_recordings": 2, "detected": 2, "healthy_recordings": 1, "false_alarms": 0, "fault_named_right": 2,
      "fault_named_wrong": 0, "fault_unnamed": 0, "healthy_named": 0, "abstained_windows": 0,
    ]
    for (key, value) in expected { #expect(found.set[key] as? Int == value, "\(key)") }
    #expect(found.set["baseline_windows"] as? Int == (6 * 12_000 - 2048) / 1024 + 1)
    #expect(found.recordings.map { $0["file"] as? String } == ["quiet.f32", "first.f32", "second.f32"])
    let quiet = try #require(found.recordings.first)
    #expect(quiet["named_fault"] is NSNull && quiet["verdict"] as? String == "normal")
    #expect(quiet["windows"] as? Int == (3 * 12_000 - 2048) / 1024 + 1)
  }

  @Test("labels that are exchanged change the figures, not what is said of a recording")
  func labels() throws {
    let right = try evaluate(labels: ["healthy", "healthy", "outer", "inner"])
    let wrong = try evaluate(labels: ["ball", "inner", "healthy", "outer"])
    for (a, b) in zip(right.recordings, wrong.recordings) {
      #expect(a["verdict"] as? String == b["verdict"] as? String)
      #expect(a["named_fault"] as? String == b["named_fault"] as? String)
      #expect(a["max_probability"] as? Double == b["max_probability"] as? Double)
    }
    #expect(wrong.set["false_alarms"] as? Int == 1 && wrong.set["fault_named_wrong"] as? Int == 1)
  }

  @Test("a table with a label a row is judged after its first 400 rows")
  func table() throws {
    let folder = try TemporaryFolder()
    var random = SplitMix64(seed: 3)
    let rows = (0..<900).map { row in
      let isFault = (600..<800).contains(row)
      let values = [30, 1.5].map { "\($0 * (1 + 0.01 * random.gaussian()) * (isFault ? 1.1 : 1))" }
      return "2020-03-09 10:14:33;\(values.joined(separator: ";"));\(isFault ? 1.0 : 0.0)"
    }
    try folder.write((["datetime;flow;current;anomaly"] + rows).joined(separator: "\n") + "\n", to: "t.csv")
    try folder.write("\(Self.columns)\nt.csv,pump,g,m,p,l/min,csv;,1,1,1,900,1,,,test,valve,,,,\n", to: "manifest.csv")
    let object = try #require(try thrum("--manifest", folder.path("manifest.csv"), "--json").objects().first)
    let set = try #require((object["data_sets"] as? [[String: Any]])?.first)
    #expect(try #require(set["f1"] as? Double) > 0.9 && (set["false_alarm_rate_pct"] as? Double) ?? 100 < 15)
    #expect(set["missed_alarm_rate_pct"] != nil && set["fault_recordings"] == nil && set["lives"] == nil)
    let recording = try #require((object["recordings"] as? [[String: Any]])?.first)
    #expect(recording["windows"] as? Int == 500 && (recording["alarms"] as? [[Double]])?.count == 1)
  }

  @Test("a healthy recording of another machine is counted apart, and never among false alarms")
  func shift() throws {
    let folder = try TemporaryFolder()
    try write(labels: ["healthy", "healthy", "outer", "healthy"], to: folder)
    let manifest = try String(contentsOfFile: folder.path("manifest.csv"), encoding: .utf8)
    let shifted = manifest.replacingOccurrences(of: "test,healthy,3.245", with: "shift,healthy,3.245")
    try folder.write(shifted, to: "manifest.csv")
    let object = try #require(try thrum("--manifest", folder.path("manifest.csv"), "--json").objects().first)
    let set = try #require((object["data_sets"] as? [[String: Any]])?.first)
    #expect(set["windows"] as? Int == 2 * ((3 * 12_000 - 2048) / 1024 + 1))
    #expect((set["out_of_distribution"] as? Int).map { (0...68).contains($0) } == true)
    #expect(set["healthy_recordings"] as? Int == 0 && set["false_alarms"] as? Int == 0 && set["fault_recordings"] as? Int == 1)
  }

  @Test("disturbed copies are counted too, and a report is written that holds all of it")
  func robustness() throws {
    let folder = try TemporaryFolder()
    try write(labels: ["healthy", "healthy", "outer", "inner"], to: folder)
    let printed = try thrum(
      "--manifest", folder.path("manifest.csv"), "--robustness", "--report", folder.path("r.html"), "--json")
    let object = try #require(try printed.objects().first)
    let disturbed = try #require(object["robustness"] as? [[String: Any]])
    let plain = try #require(disturbed.first { $0["disturbance"] as? String == "none" })
    #expect(plain["detected"] as? Int == 2 && plain["fault_recordings"] as? Int == 2 && plain["false_alarms"] as? Int == 0)
    #expect(disturbed.count == 11 && disturbed.allSatisfy { $0["healthy_recordings"] as? Int == 1 })
    let strange = try #require(object["strange_input"] as? [[String: Any]])
    let dead = try #require(strange.first { $0["input"] as? String == "sensor_dead" })
    #expect(dead["normal_windows"] as? Int == 0 && (dead["standing"] as? [String: Int]) == ["abstain: sensor_fault": 1])
    let html = try String(contentsOfFile: folder.path("r.html"), encoding: .utf8)
    for part in ["<h1>Evaluation</h1>", "quiet.f32", "Receiver operating characteristic", "noise 20 dB", "sensor dead"] {
      #expect(html.contains(part), "\(part)")
    }
  }

  @Test(
    "a recording that is not there is named as it can be looked for: relative to the manifest, or as it stands where it is absolute"
  )
  func paths() throws {
    let folder = try TemporaryFolder()
    for (file, name) in [("/nowhere/a.f32", "/nowhere/a.f32"), ("a.f32", "a.f32")] {
      let row = "\(file),sim,rig,rig,de,g,f32le,1,12000,1,12000,,,1500,baseline,healthy,,,,"
      try folder.write(Self.columns + "\n" + row + "\n", to: "manifest.csv")
      let printed = try Printed(
        ["sh", "-c", "cd \(folder.path) && \(GatewayProcess.program("thrum")) evaluate --manifest manifest.csv"], in: folder)
      #expect(printed.status != 0 && printed.text.contains(" \(name):"), "\(printed.text)")
      #expect(!printed.text.contains("./"), "\(printed.text)")
    }
  }

  @Test("a manifest with a wrong cell is refused: row, column and what was expected")
  func defect() throws {
    let folder = try TemporaryFolder()
    try folder.write("\(Self.columns)\nx.f32,s,g,m,p,g,f32le,1,fast,1,1,,,,test,healthy,,,,\n", to: "manifest.csv")
    let printed = try thrum("--manifest", folder.path("manifest.csv"))
    #expect(printed.status == 1)
    #expect(printed.text.contains("sample_rate_hz: expected above 0, got \"fast\""), "\(printed.text)")
  }
}
