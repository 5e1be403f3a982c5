enum Spelling {
  /// The candidate that takes the fewest single-character edits to reach, if they are few enough for a slip of the finger.
  static func nearest(to word: String, in candidates: Set<String>) -> String? {
    let ranked = candidates.map { (edits: edits(from: Array(word), to: Array($0)), candidate: $0) }
    guard let best = ranked.min(by: { ($0.edits, $0.candidate) < ($1.edits, $1.candidate) }) else { return nil }
    return best.edits <= max(1, word.count / 3) ? best.candidate : nil
  }

  /// Levenshtein's distance (V. I. Levenshtein, 1966), one row of the table at a time.
  private static func edits(from a: [Character], to b: [Character]) -> Int {
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in b.enumerated() {
        let cost = min(row[j] + 1, row[j + 1] + 1, diagonal + (letter == other ? 0 : 1))
        diagonal = row[j + 1]
        row[j + 1] = cost
      }
    }
    return row[b.count]
  }
}
