import Glibc

/// A past alarm that somebody named.
package struct LabelledCase: Sendable {
  package var id: String
  package var isFault: Bool
  package var fault: String?
  package var explanation: Explanation

  package init(id: String, isFault: Bool, fault: String?, explanation: Explanation) {
    (self.id, self.isFault, self.fault, self.explanation) = (id, isFault, fault, explanation)
  }

  /// The case whose features strayed most like these: by the cosine between their deviations, 1 where they point the same way.
  /// - Returns: `nil` where none is alike, at 0.7 or more.
  package static func nearest(to explanation: Explanation, among cases: [Self]) -> (nearest: Self, similarity: Double)? {
    let found = cases.map { ($0, explanation.similarity(to: $0.explanation)) }.max { $0.1 < $1.1 }
    return found.flatMap { $0.1 >= leastSimilarity ? (nearest: $0.0, similarity: $0.1) : nil }
  }

  private static let leastSimilarity = 0.7
}

extension Explanation {
  /// Of the features that contributed most to each; one that is missing counts as not strayed.
  fileprivate func similarity(to other: Explanation) -> Double {
    let mine = Dictionary(contributions.map { ($0.feature, $0.deviations) }) { $1 }
    let theirs = Dictionary(other.contributions.map { ($0.feature, $0.deviations) }) { $1 }
    let product = mine.reduce(0) { $0 + $1.value * (theirs[$1.key] ?? 0) }
    let lengths = [mine, theirs].map { sqrt($0.values.reduce(0) { $0 + $1 * $1 }) }
    let length = lengths[0] * lengths[1]
    return length > 0 && length.isFinite ? product / length : 0
  }
}
