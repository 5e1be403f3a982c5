import ArgumentParser
import Contracts
import ControlPlane
import FoundationEssentials
import Terminal

struct Evidence: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evidence", abstract: "List the waveforms that gateways kept, ask for one, or write one out.",
    discussion: """
      With a gateway and the id of an event the gateway is asked for the waveforms it kept with it, with a \
      point for one as it is now: it sends them inside its day's bytes, also when it was asked while out of reach.

      With --export the samples are written as little-endian float32, and what describes them (rate, unit, \
      spectrum) is printed. What a gateway sealed needs its key.

      EXAMPLES
        thrum-plane evidence --db plane.db
        thrum-plane evidence gw-1 gw-1:5f…c2:alarm:17 --db plane.db
        thrum-plane evidence gw-1 pump-7/drive-end --db plane.db
        thrum-plane evidence --db plane.db --export ID -o pump.f32 --key-file evidence.key
      """)

  @OptionGroup var file: PlaneFile
  @OptionGroup var output: OutputForm
  @Argument(help: ArgumentHelp("Whom to ask for which event's or point's waveform.", valueName: "GATEWAY EVENT"))
  var asked: [String] = []
  @Option(help: "The asked gateway's fleet, where two have one of that name.")
  var fleet: String?
  @Option(help: "Only this gateway.")
  var gateway: String?
  @Option(help: ArgumentHelp("Write this one out.", valueName: "ID"))
  var export: String?
  @Option(name: .shortAndLong, help: ArgumentHelp("Where to.", valueName: "FILE"))
  var outputFile: String?
  @Option(help: ArgumentHelp("The 32 bytes it is sealed with.", valueName: "FILE"))
  var keyFile: String?

  func validate() throws {
    guard [0, 2].contains(asked.count) else { throw ValidationError("expected GATEWAY and EVENT, or neither") }
    if (export == nil) != (outputFile == nil) { throw ValidationError("--export and --output-file go together") }
  }

  func run() throws {
    let reader = try file.reader(about: gateway)
    if asked.count == 2 {
      let isPoint = asked[1].contains("/")
      return try file.ask(
        asked[0], in: fleet, isPoint ? .waveform : .evidence, event: isPoint ? nil : asked[1], point: isPoint ? asked[1] : nil)
    }
    if let export, let outputFile { return try write(try reader.waveform(export, key: try key()), to: outputFile) }
    let rows = try reader.evidence(of: gateway)
    if output.json {
      for row in rows { print(JSON.text(row)) }
      return
    }
    guard !rows.isEmpty else { return print("No waveform has come yet.") }
    var table = Table(["time", "gateway", "point", "cause", "parts", "sealed", "id"])
    for row in rows {
      table.add(
        row.time?.local ?? "unknown", row.gateway, row.point, row.cause, "\(row.partsHere)/\(row.parts)",
        row.isSealed ? "yes" : "no", row.id)
    }
    print(table.rendered())
  }

  private func write(_ document: WaveformDocument, to path: String) throws {
    let bytes = document.samples.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
    do { try Data(bytes).write(to: URL(filePath: path)) } catch {
      throw PlaneError("write", path, reason: "\(error)", remedy: "check the folder")
    }
    print(JSON.text(document.description))
  }

  private func key() throws -> [UInt8]? {
    guard let keyFile else { return nil }
    guard let data = try? Data(contentsOf: URL(filePath: keyFile)), let key = WaveformBox.key([UInt8](data)) else {
      throw UsageError("--key-file \(keyFile): expected \(WaveformBox.keyBytes) bytes, or as many in hexadecimal")
    }
    return key
  }
}
