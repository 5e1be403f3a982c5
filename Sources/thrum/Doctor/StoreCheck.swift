import Contracts
import Signal
import Store

/// What happened to the store, what it had to give up, and what it costs the flash.
enum StoreCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    guard let report = try? patient.report.get(), let reader = try? StoreReader(folder: patient.folder) else { return [] }
    let findings = incidents(reader) + evictions(report.store) + aside(report.store)
    return (findings.isEmpty ? [.ok("store", "whole, nothing given up")] : findings) + wear(report.store)
  }

  private static func incidents(_ reader: StoreReader) -> [Finding] {
    let newest = (try? reader.incidents())?.prefix(3) ?? []
    return newest.map { incident in
      .warning("store", "\(incident.time.rfc3339) \(incident.words)", remedy: remedies[incident.kind] ?? "see docs/OPERATIONS.md")
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
    return [.warning("store", "given up before the plane had them: \(words)", remedy: "raise store.max_bytes, or mend the link")]
  }

  private static func aside(_ store: StatusReport.StoreUse) -> [Finding] {
    guard let last = store.setAside.last else { return [] }
    let bytes = store.setAside.reduce(0) { $0 + StoreUse(file: $1).bytes }
    let words = "\(store.setAside.count) databases set aside take \(bytes >> 20) MiB, the last is \(last)"
    return [.warning("store", words, remedy: "keep it for an examination, or delete it with its -wal and -shm")]
  }

  private static func wear(_ store: StatusReport.StoreUse) -> [Finding] {
    guard let bytes = store.writtenBytesPerDay else { return [] }
    return [.ok("flash", "\(bytes >> 20) MiB written a day, \(bytes / 1_000_000 * 365 / 1000) GB a year")]
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
