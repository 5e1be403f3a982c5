import Contracts

/// Messages that reached the gateway and belong to no point.
enum SourcesCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    guard let counts = try? patient.report.get().unassigned else { return [] }
    guard counts.received > 0 else { return [.ok("topics.unassigned", "every message belonged to a point")] }
    return counts.quarantinedBy.sorted { $0.key < $1.key }.map { reason, count in
      .warning(
        "topics.unassigned", "\(count) messages belong to no point: \(reason)",
        remedy: remedies[reason] ?? "see docs/OPERATIONS.md")
    }
  }

  private static let remedies = [
    "no_source":
      "a subscription from an earlier configuration still stands, or two topics overlap: compare [[source]] topic with what is published",
    "too_many_points": "raise ingest.max_points, or narrow the topic: each new machine/point in a topic makes a point",
    "invalid_name": "names of machines and points are 1 to 63 bytes without control characters",
  ]
}
