import ModelPackages
import Terminal

/// A package beside its model: card, limits, golden windows.
struct PackageSummary: Encodable {
  let sha256: String
  let card: PackageCard
  let limits: PackageLimits
  let golden: [String: Int]

  init(_ package: ModelPackage) {
    (sha256, card, limits) = (package.digest, package.card, package.limits)
    golden = Dictionary(grouping: package.golden, by: \.kind.rawValue).mapValues(\.count)
  }

  func add(to table: inout Table) {
    table.add("package", "\(card.model) \(card.version)")
    table.add("sha256", sha256)
    table.add("purpose", card.purpose)
    table.add("trained on", "\(card.trainingData.description) (sha256 \(card.trainingData.sha256.prefix(12))…)")
    for row in card.metrics {
      table.add("on \(row.set)", row.figures.map { "\($0.name) \($0.value)" }.joined(separator: ", "))
    }
    for limit in card.limits { table.add("limit", limit) }
    for mode in card.knownFailureModes { table.add("fails at", mode) }
    table.add("owner", "\(card.owner), \(card.contact)")
    table.add("review by", card.reviewBy)
    table.add("licence", card.licence)
    table.add("needs", "Thrum \(card.leastThrum) or newer, \(limits.maxP99Microseconds) µs and \(limits.maxBytes) bytes at most")
    table.add("golden windows", golden.sorted { $0.key > $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
  }
}
