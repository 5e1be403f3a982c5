import Contracts
import Signal
import Store

/// What happened to the store, what it had to give up, and what it costs the flash.
enum StoreCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    guard let report = try? patient.report.get(), let reader = try? StoreReader(folder: patient.folder) else { return [] }
    return or(incidents(reader), .ok("store.whole", "never damaged"))
      + or(evictions(report.store), .ok("store.evictions", "nothing unsent was given up"))
      + or(aside(report.store), .ok("store.aside", "no database set aside")) + [size(report.store), audit(reader)]
  }

  private static func or(_ findings: [Finding], _ otherwise: Finding) -> [Finding] { findings.isEmpty ? [otherwise] : findings }

  private static func size(_ store: StatusReport.StoreUse) -> Finding {
    .ok("store.size", "\(store.bytes >> 20) of \(store.maxBytes >> 20) MiB")
  }

  private static func audit(_ reader: StoreReader) -> Finding {
    do {
      let finding = try reader.auditFinding()
      guard let broken = finding.firstBroken else { return .ok("store.audit", "the audit log is as it was written") }
      return .error(
        "store.audit", "the audit log was changed at entry \(broken)", remedy: "thrum audit verify; find out who may write it")
    } catch { return .error("store.audit", "\(error)", remedy: "thrum audit verify") }
  }

  private static func incidents(_ reader: StoreReader) -> [Finding] {
    let newest = (try? reader.incidents())?.prefix(3) ?? []
    return newest.map { incident in
      .warning(
        "store.whole", "\(incident.time.rfc3339) \(incident.words)", remedy: remedies[incident.kind] ?? "see docs/OPERATIONS.md")
    }
  }

  private static let remedies = [
    "salvaged": "look at the disk (smartctl, dmesg): damage comes again on a dying card",
    "in_doubt": "nothing, after a power cut; without one look at the disk",
    "cut_short": "look at the disk, and at who else touches the state folder",
    "gone": "find out who deleted thrum.db",
    "restored": "nothing: the plane is told",
    "aside_deleted": "nothing, unless you wanted to examine it: copy what is set aside elsewhere",
    "unstored": "free space, or mount the disk for writing; on_full = \"hold\" would have made the broker wait",
  ]

  private static func evictions(_ store: StatusReport.StoreUse) -> [Finding] {
    let lost = store.evicted.filter { $0.key.hasPrefix("evicted") }.sorted { $0.key < $1.key }
    guard !lost.isEmpty else { return [] }
    let words = lost.map { "\($0.value) \($0.key.dropFirst("evicted ".count))" }.joined(separator: ", ")
    return [
      .warning(
        "store.evictions", "given up before the plane had them: \(words)", remedy: "raise store.max_bytes, or mend the link")
    ]
  }

  private static func aside(_ store: StatusReport.StoreUse) -> [Finding] {
    guard let last = store.setAside.last else { return [] }
    let bytes = store.setAside.reduce(0) { $0 + StoreUse(file: $1).bytes }
    let words = "\(store.setAside.count) databases set aside take \(bytes >> 20) MiB, the last is \(last)"
    return [.warning("store.aside", words, remedy: "keep it for an examination, or delete it with its -wal and -shm")]
  }
}

extension IncidentRecord {
  /// For people, whatever the kind holds.
  var words: String {
    if let salvage = try? JSON.decode(SalvageReport.self, from: report.utf8) { return "salvaged: \(salvage.words)" }
    if let unstored = try? JSON.decode(UnstoredReport.self, from: report.utf8) {
      return "\(unstored.frames) frames judged and not stored until \(unstored.to.rfc3339): \(unstored.reason)"
    }
    return (try? JSON.decode(OpeningReport.Incident.self, from: report.utf8))?.words ?? kind
  }
}
