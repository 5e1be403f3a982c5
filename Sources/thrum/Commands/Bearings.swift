import ArgumentParser
import Configuration
import Signal
import Terminal

struct Bearings: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bearings",
    abstract: "List the bearings that a point may name, with their geometry, their lines and where the figures come from.",
    discussion: """
      Lines are in orders of the shaft, or with --rpm in Hz; a rolling element's defect strikes at 2 x BSF. The site's own \
      [[bearing]] tables stand first.

      EXAMPLES
        thrum bearings
        thrum bearings "SKF 6205-2RS" --rpm 1797
        thrum bearings --json
      """)

  @Argument(help: "A designation or a name; all when left out.")
  var designation: String?
  @Option(name: .customLong("rpm"), help: "Speed of the shaft in r/min: lines in Hz.")
  var speedRPM: Double?
  @Option(
    name: .customLong("config"), help: "The configuration with the site's own; THRUM_CONFIG or the system's place when left out.",
    completion: .file())
  var file: String?
  @OptionGroup var output: Output

  func validate() throws {
    if let speedRPM, !(1...1_000_000).contains(speedRPM) {
      throw ValidationError("--rpm: expected 1 to 1000000, got \(speedRPM)")
    }
  }

  func run() throws {
    let lines = try bearings().map { BearingLineup($0, speedRPM: speedRPM) }
    if output.json { lines.forEach { printJSON($0) } } else { print(BearingLineup.table(lines, speedRPM: speedRPM)) }
  }

  /// The site's own first; a configuration that is named must be readable.
  private func bearings() throws -> [BearingCatalogue.Entry] {
    let config = try file.map { try ConfigFile.read($0) } ?? (try? ConfigFile.read(Paths.current.config))
    let own = config?.bearings.compactMap(\.entry) ?? []
    guard let designation else { return own + BearingCatalogue.all }
    guard let entry = own.first(where: { $0.designation == designation }) ?? BearingCatalogue.entry(of: designation) else {
      throw UnknownBearing(designation: designation)
    }
    return [entry]
  }

  private struct UnknownBearing: Error, CustomStringConvertible {
    let designation: String
    var description: String {
      "look up bearing \(designation.printable): not in the catalogue; give its geometry or its lines in [[bearing]]"
    }
  }
}

/// One bearing as it is listed.
private struct BearingLineup: Encodable {
  let maker: String
  let designation: String
  let balls: Int?
  let ballMm: Double?
  let pitchMm: Double?
  let contactDeg: Double?
  let orders: Lines
  /// At the speed that was asked for.
  let hz: Lines?
  let confirmed: Bool
  let source: String

  struct Lines: Encodable {
    let bpfo, bpfi, bsf, doubleBsf, ftf: Double

    init(_ multiples: BearingMultiples, times factor: Double = 1) {
      (bpfo, bpfi, bsf) = (multiples.bpfo * factor, multiples.bpfi * factor, multiples.bsf * factor)
      (doubleBsf, ftf) = (2 * bsf, multiples.ftf * factor)
    }
  }

  init(_ entry: BearingCatalogue.Entry, speedRPM: Double?) {
    (maker, designation) = (entry.maker, entry.designation)
    (confirmed, source) = (entry.isConfirmed, entry.source)
    (balls, ballMm) = (entry.geometry?.balls, entry.geometry?.ballMillimetres)
    (pitchMm, contactDeg) = (entry.geometry?.pitchMillimetres, entry.geometry?.contactDegrees)
    orders = Lines(entry.multiples)
    hz = speedRPM.map { Lines(entry.multiples, times: $0 / 60) }
  }

  /// Whence the figures are: those of one source together.
  private static func sources(_ rows: [Self]) -> String {
    var names: [(source: String, bearings: [String])] = []
    for row in rows {
      if let index = names.firstIndex(where: { $0.source == row.source }) {
        names[index].bearings.append(row.designation)
      } else {
        names.append((row.source, [row.designation]))
      }
    }
    return names.map { "\($0.bearings.joined(separator: ", ")): \($0.source)".printable.wrapped(columns: 78, indent: 2) }
      .joined(separator: "\n")
  }

  static func table(_ rows: [Self], speedRPM: Double?) -> String {
    let unit = speedRPM == nil ? "" : " Hz"
    var table = Table(
      ["bearing", "balls", "ball mm", "pitch mm", "contact"] + ["bpfo", "bpfi", "2xbsf", "ftf"].map { $0 + unit },
      numbers: [1, 2, 3, 4, 5, 6, 7, 8])
    for row in rows {
      let lines = row.hz ?? row.orders
      let digits = row.hz == nil ? 4 : 2
      table.add([
        .init(row.maker.isEmpty || row.maker == row.designation ? row.designation : "\(row.maker) \(row.designation)"),
        .init(row.balls.map(String.init) ?? "-"), .init(number(row.ballMm, 3)), .init(number(row.pitchMm, 3)),
        .init(number(row.contactDeg, 1)), .init(number(lines.bpfo, digits)), .init(number(lines.bpfi, digits)),
        .init(number(lines.doubleBsf, digits)), .init(number(lines.ftf, digits)),
      ])
    }
    return table.rendered() + "\n\n" + sources(rows)
  }
}
