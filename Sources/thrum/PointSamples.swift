import Anomaly
import Configuration
import Contracts
import LocalClient
import Signal
import Store
import Terminal

/// A point's newest samples: the daemon's, or, where it has none or does not run, the newest waveform that is kept.
struct PointSamples {
  let point: PointID
  let samples: [Float]
  let sampleRateHz: Double
  let unit: SignalUnit
  let time: UnixTime?
  let speedRPM: Double?
  let bearing: BearingMultiples?
  /// Why they were kept, as `alarm`; `nil`: they are the daemon's newest.
  let cause: String?
  /// Why they are not the daemon's, where it runs.
  private(set) var remark: String?

  /// - Throws: what is missing, with what to do: exit code 1.
  static func newest(of point: PointID, _ gateway: Gateway, keyFile: String?) throws -> PointSamples {
    guard StoreReader.daemonPID(folder: gateway.folder) != nil else { return try kept(of: point, gateway, keyFile) }
    do {
      return try PointSamples(point, LocalClient(socket: gateway.socket).ask(NewestSamples(point: point.description)))
    } catch let problem as CallProblem {
      guard var kept = try? kept(of: point, gateway, keyFile) else { throw problem }
      kept.remark = problem.reason
      return kept
    }
  }

  private init(_ point: PointID, _ reply: NewestSamples.Reply) throws {
    guard let unit = SignalUnit(code: reply.unit), reply.sampleRateHz > 0, case let samples = reply.samples, samples.count > 1
    else {
      throw NotFound(description: "show \(point): the answer holds no samples; are thrum and thrumd of the same version?")
    }
    (self.point, self.samples, self.unit, sampleRateHz) = (point, samples, unit, reply.sampleRateHz)
    (time, speedRPM, bearing, cause) = (reply.time, reply.speedRpm, reply.multiples, nil)
  }

  // MARK: kept

  private static func kept(of point: PointID, _ gateway: Gateway, _ keyFile: String?) throws -> PointSamples {
    let reader = try gateway.reader()
    guard let row = try reader.waveforms(of: point).last else {
      throw NotFound(
        description: "show \(point): no samples are at hand: thrumd does not run, and no waveform of it is kept; "
          + "start thrumd (systemctl start thrumd), or look at the history: thrum show \(point) --trend")
    }
    let key = try EvidenceKeyFile.read(keyFile)
    if row.isSealed, key == nil {
      throw NotFound(
        description: "show \(point): its newest waveform is sealed, and no key is at hand; give --key-file FILE, "
          + "or ask as a user who may read what [evidence] key_file names")
    }
    return try PointSamples(point, try reader.waveform(row.id, key: key))
  }

  /// The bearing is not kept with a waveform, a declared speed neither: both are as the configuration has them now.
  private init(_ point: PointID, _ document: WaveformDocument) throws {
    let about = document.description
    guard let unit = SignalUnit(code: about.unit), about.sampleRateHz > 0, document.samples.count > 1 else {
      throw NotFound(
        description: "show \(point): the newest waveform that is kept holds no samples; thrum export \(point) --list")
    }
    let machine = (try? ConfigFile.read(Paths.current.config))?.machines.first { $0.name == point.machine }
    (self.point, samples, self.unit, sampleRateHz) = (point, document.samples, unit, about.sampleRateHz)
    (time, cause, speedRPM) = (about.time, about.cause, about.speedRpm ?? machine?.speedRPM)
    bearing = machine?.points.first { $0.name == point.point }?.bearing?.multiples
  }

  // MARK: words

  var seconds: Double { Double(samples.count) / sampleRateHz }

  /// What they are, for people.
  var words: String {
    let until = time.map { " until \($0.local)" } ?? ""
    let whence = cause.map { "kept for: \($0)," } ?? "the newest samples:"
    let words = "\(point), \(whence) \(number(seconds, 2)) s in \(unit.rawValue) at \(number(sampleRateHz, 0)) Hz\(until)"
    return words.printable + (remark.map { "\nNot newer, because \($0.printable)." } ?? "")
  }

  /// Where they are from, for programs.
  var source: String { cause == nil ? "newest" : "kept" }
}
