/// Names that a person may choose from, in order.
extension Collection where Element == String {
  /// The first twenty, with commas, and how many more there are.
  package var listed: String {
    let more = count > 20 ? " and \(count - 20) more" : ""
    return sorted().prefix(20).map(\.printable).joined(separator: ", ") + more
  }
}
