import Foundation
import TestSupport
import Testing

/// `thrum export`: what a gateway has, for other programs.
@Suite struct ExportCommandTests {
  @Test("export writes a point's history and an alarm's spectrum as comma-separated values")
  func exported() throws {
    let broker = try Broker()
    let gateway = try GatewayProcess(Plant.configuration(broker: broker.url, machines: ["pump"]))
    try gateway.startConnected()
    try TestPublisher(port: broker.port).publish(Plant.topic("pump"), (1...100).map { Plant.frame($0, velocityRMS: 10) })
    #expect(gateway.eventually { $0.point("pump")?.verdict == "alarm" && $0.received == 100 } != nil)
    let history = try gateway.thrum("export", "pump/de").lines
    #expect(history.first == "time,velocity_rms_mm_s,rms,kurtosis,probability,verdict,reason" && history.count > 1)
    #expect(history.dropFirst().allSatisfy { $0.split(separator: ",", omittingEmptySubsequences: false).count == 7 })
    #expect(try gateway.thrum("export", "pump/none").status == 1)
    let sheet = gateway.folder.path("history.xlsx")
    let refused = try gateway.thrum("export", "pump/de", "-o", sheet)
    #expect(refused.status == 2 && refused.text.contains(".csv, .wav or .uff"), "\(refused.text)")
    #expect(!FileManager.default.fileExists(atPath: sheet))
    for (name, format) in [("a.csv", nil), ("no-ending", nil), ("b.xlsx", "csv")] {
      let arguments = ["export", "pump/de", "-o", gateway.folder.path(name)] + (format.map { ["--format", $0] } ?? [])
      #expect(try gateway.run("thrum", arguments).status == 0, "\(name)")
    }
  }

  @Test("a waveform that came with an alarm is exported as WAV, universal file and table, with the same samples in all")
  func exportedWaveform() throws {
    let broker = try Broker()
    let gateway = try GatewayProcess(Plant.configuration(broker: broker.url, machines: ["pump"]))
    try gateway.startConnected()
    #expect(try gateway.thrum("export", "pump/de", "--list").status == 1)
    try TestPublisher(port: broker.port).publish(Plant.topic("pump"), (1...100).map { Plant.frame($0, velocityRMS: 10) })
    #expect(gateway.eventually { $0.point("pump")?.verdict == "alarm" && $0.received == 100 } != nil)
    let kept = try #require(try gateway.thrum("export", "pump/de", "--list", "--json").objects().first)
    let id = try #require(kept["id"] as? String)
    #expect(try gateway.thrum("export", "pump#1", "--list").text.contains(id))
    var spectra: [String] = []
    for (name, arguments) in [
      ("a.wav", ["--unit", "m/s2", "--window", "256"]), ("a.uff58", ["--unit", "m/s2", "--window", "256"]),
      ("a.csv", ["--unit", "m/s2", "--window", "256", "--channel", "2"]),
    ] {
      let file = gateway.folder.path(name)
      let written = try gateway.run("thrum", ["export", "pump#1", "--waveform", "-o", file])
      #expect(written.status == 0 && written.text.contains("samples of pump/de in m/s2"), "\(written.text)")
      let rate = name == "a.csv" ? ["--rate", "\(Int(Plant.rateHz))"] : []
      spectra.append(try gateway.run("thrum", ["features", file, "--json"] + arguments + rate).text)
    }
    #expect(spectra[0].count > 100 && Set(spectra).count == 1, "\(spectra)")
    #expect(try gateway.thrum("export", "pump/de", "--format", "wav").status == 2)
    #expect(try gateway.thrum("export", "pump/de", "--format", "mp3").status == 2)
    #expect(try gateway.thrum("export", "pump/de", "--id", "gw-1:none", "-o", gateway.folder.path("b.wav")).status == 1)
  }
}
