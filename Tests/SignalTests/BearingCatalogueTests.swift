import Foundation
import TestSupport
import Testing

@testable import Signal

@Suite("Bearing catalogue")
struct BearingCatalogueTests {
  @Test("lines of every bearing agree with each other: their sum is the balls, the cage's turn the outer race's share of a ball")
  func consistent() {
    for entry in BearingCatalogue.all {
      let lines = entry.multiples
      let balls = (lines.bpfo + lines.bpfi).rounded()
      #expect(balls >= 3 && abs(lines.bpfo + lines.bpfi - balls) < 0.005, "\(entry.designation)")
      #expect(entry.geometry.map { Double($0.balls) == balls } ?? true, "\(entry.designation)")
      // Published lines are rounded.
      #expect(abs(lines.ftf - lines.bpfo / balls) < 0.005, "\(entry.designation)")
      #expect(lines.ftf < 0.5 && lines.bpfo < lines.bpfi, "\(entry.designation)")
      // With a contact angle α, BSF is cos α times what r = 1 − 2 FTF gives without one.
      let ratio = 1 - 2 * lines.bpfo / balls
      let cosine = entry.geometry.map { cos($0.contactDegrees * .pi / 180) } ?? 1
      #expect(abs(lines.bsf / ((1 - ratio * ratio) / (2 * ratio) * cosine) - 1) < 0.03, "\(entry.designation)")
    }
  }

  @Test("the balls fit side by side, and leave room for a cage")
  func geometry() {
    for entry in BearingCatalogue.all {
      guard let geometry = entry.geometry else { continue }
      let room = geometry.pitchMillimetres * sin(.pi / Double(geometry.balls))
      #expect(geometry.ballMillimetres < room && geometry.ballMillimetres > 0.4 * room, "\(entry.designation)")
    }
  }

  @Test(
    "geometry gives the lines that were published with it",
    arguments: [
      ("SKF 6205", 3.5848, 5.4152, 2.3568, 0.39828), ("SKF 6203", 3.0530, 4.9469, 1.9937, 0.3817),
      ("NICE", 3.245, 4.755, 2.555, 0.4056), ("ER-16K", 3.572, 5.428, 2.32, 0.3969), ("NMB 608", 2.5767, 4.4233, 1.7635, 0.3681),
      // 236.4 and 296.9 Hz at 2000 r/min; the other two follow.
      ("ZA-2115", 7.092, 8.907, 4.197, 0.4433), ("NSK 6804", 5.6113, 7.3887, 3.5888, 0.4316),
    ])
  func published(name: String, bpfo: Double, bpfi: Double, bsf: Double, ftf: Double) throws {
    let lines = try #require(BearingCatalogue.entry(of: name)).multiples
    for (ours, theirs) in [(lines.bpfo, bpfo), (lines.bpfi, bpfi), (lines.bsf, bsf), (lines.ftf, ftf)] {
      #expect(abs(ours / theirs - 1) < 0.002, "\(ours) \(theirs)")
    }
  }

  @Test(
    "a designation is found with or without its maker, suffixes and hyphens",
    arguments: [
      ("6205", "SKF 6205"), ("SKF 6205-2RS JEM", "SKF 6205"), ("6205ZZ/C3", "SKF 6205"), ("fag 6203", "FAG 6203"),
      ("6203", "SKF 6203"), ("NSK 6203 DU", "SKF 6203"), ("ER16K", "MB ER-16K"), ("mb er-16k", "MB ER-16K"),
      ("Rexnord ZA-2115", "Rexnord ZA-2115"), ("NU 206 E", "FAG NU206"), ("NICE", "NICE NICE"), ("608-2Z", "NMB 608"),
    ])
  func found(text: String, entry: String) {
    #expect(BearingCatalogue.entry(of: text).map { "\($0.maker) \($0.designation)" } == entry)
  }

  @Test("what is not in it is not found", arguments: ["", "NU 1005", "62050", "16205", "SKF", "620", "ER-1", "NU2206"])
  func unknown(text: String) { #expect(BearingCatalogue.entry(of: text) == nil) }

  @Test("docs/SIGNAL.md lists every bearing with its figures and its source, and no other")
  func documented() throws {
    let text = try String(contentsOfFile: repositoryRoot + "/docs/SIGNAL.md", encoding: .utf8)
    let section = try #require(
      text.components(separatedBy: "## Bearing catalogue\n").last?.components(separatedBy: "\n## ").first)
    let rows = section.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst(2).map(String.init)
    #expect(rows == BearingCatalogue.all.map(Self.row), "\(BearingCatalogue.all.map(Self.row).joined(separator: "\n"))")
  }

  private static func row(_ entry: BearingCatalogue.Entry) -> String {
    let figures =
      entry.geometry.map { "\($0.balls) | \($0.ballMillimetres) | \($0.pitchMillimetres) | \($0.contactDegrees)" }
      ?? "- | - | - | -"
    let lines = [entry.multiples.bpfo, entry.multiples.bpfi, entry.multiples.bsf, entry.multiples.ftf].map {
      String(format: "%.3f", $0)
    }
    return "| \(entry.maker) | \(entry.designation) | \(figures) | \(lines.joined(separator: " | ")) | \(entry.source) |"
  }
}
