/// Bearings whose geometry, or whose lines, somebody has published. Makers differ by a few per cent and sometimes by a ball: where a
/// machine's own figures are known, its configuration should state them.
package enum BearingCatalogue {
  package struct Entry: Sendable, Equatable {
    /// Where several makers' bearings of one designation differ, the first is meant unless the maker is named.
    package let maker: String
    package let designation: String
    /// `nil`: only the lines are public.
    package let geometry: BearingGeometry?
    package let multiples: BearingMultiples
    package let source: String
    /// Whether the source names all of the figures.
    package let isConfirmed: Bool

    package init(
      maker: String, designation: String, geometry: BearingGeometry?, multiples: BearingMultiples, source: String,
      isConfirmed: Bool
    ) {
      (self.maker, self.designation, self.geometry, self.multiples) = (maker, designation, geometry, multiples)
      (self.source, self.isConfirmed) = (source, isConfirmed)
    }
  }

  /// - Parameter text: with or without maker and suffixes, as `6313`, `SKF 6205-2RS JEM`, `ER-16K`, `NU 206 E`.
  package static func entry(of text: String) -> Entry? {
    let words = text.uppercased().split { !($0.isLetter || $0.isNumber) }.map(String.init)
    let names = words + zip(words, words.dropFirst()).map { $0 + $1 }
    let found = all.filter { entry in names.contains { isName($0, of: entry) } }
    return found.first { words.contains($0.maker.uppercased()) } ?? found.first
  }

  /// `6205ZZ` is a 6205, `62050` is none.
  private static func isName(_ name: String, of entry: Entry) -> Bool {
    let key = entry.designation.filter { $0 != "-" }
    return name.hasPrefix(key) && name.dropFirst(key.count).first?.isNumber != true
  }
}

// THE LIST.
extension BearingCatalogue {
  package static let all: [Entry] = [
    bearing("NMB", "608", 7, 3.950, 14.974, anko),
    bearing("SKF", "6203", 8, 6.746, 28.499, cwru),
    bearing("FAG", "6203", 8, 6.75, 28.55, paderborn),
    bearing("MTK", "6203", 8, 6.75, 29.05, paderborn),
    bearing("", "6204", 8, 7.938, 33.5),
    bearing("SKF", "6205", 9, 7.940, 39.040, cwru),
    bearing("", "6206", 9, 9.525, 46),
    bearing("SKF", "6308", 8, 15.081, 65, ewa),
    bearing("", "6309", 8, 17.462, 72.5),
    bearing("", "6310", 8, 19.05, 80),
    bearing("", "6311", 8, 20.638, 87.5),
    bearing("", "6312", 8, 22.225, 95),
    bearing("", "6313", 8, 23.812, 102.5),
    bearing("", "6314", 8, 25.4, 110),
    bearing("NSK", "6804", 13, 3.5, 25.6, pronostia),
    bearing("MB", "ER-10K", 8, 7.9375, 33.503, tiwari),
    lines("MB", "ER-12K", bpfo: 3.048, bpfi: 4.95, bsf: 1.992, ftf: 0.381, tecnalia),
    bearing("MB", "ER-16K", 9, 7.9375, 38.50, curtin),
    bearing("NICE", "NICE", 8, 5.969, 31.623, mfpt),
    lines("FAG", "NU206", bpfo: 5.24, bpfi: 7.76, bsf: 2.49, ftf: 0.40, saarland),
    bearing("LDK", "UER204", 8, 7.92, 34.55, xjtu),
    bearing("Rexnord", "ZA-2115", 16, 8.407, 71.501, 15.17, ims),
  ]

  private static let anko = "M. Anko, J. Slavič, pyBearing 1.0, University of Ljubljana (608DSD81)"
  private static let cwru = "Case Western Reserve University, Bearing Data Center (6203-2RS JEM, 6205-2RS JEM)"
  private static let curtin = "G. Forbes, Curtin University, bearing fault data 2012"
  private static let ewa = "SKF's BSF of 4.078, twice one turn, as EWA Sensors quotes it; pitch from ISO 15"
  private static let ims = "H. Qiu et al., J. Sound Vib. 289, 2006; NASA, IMS bearing data"
  private static let mfpt = "Society for Machinery Failure Prevention Technology, fault data sets"
  private static let paderborn = "C. Lessmeier et al., PHM Society European Conference 2016, and the fact sheets of its data"
  private static let pronostia = "P. Nectoux et al., PRONOSTIA, IEEE PHM 2012"
  private static let saarland = "Schaeffler's factors in Schnur et al. 2025, Saarland University"
  private static let tecnalia = "the maker's factors in Tecnalia's bearing data under variable conditions, 2026"
  private static let tiwari = "R. Tiwari, IIT Guwahati, NPTEL 112103024, example 15.2"
  private static let xjtu = "B. Wang et al., IEEE Trans. Reliability 69, 2020 (XJTU-SY)"
  private static let unconfirmed = "unconfirmed: pitch from ISO 15, balls as commonly fitted; compare with the maker's"

  /// Balls, ball and pitch diameter in mm, contact angle in degrees. Without a source: unconfirmed.
  private static func bearing(
    _ maker: String, _ designation: String, _ balls: Int, _ ball: Double, _ pitch: Double, _ contact: Double = 0,
    _ source: String? = nil
  ) -> Entry {
    let geometry = BearingGeometry(balls: balls, ballMillimetres: ball, pitchMillimetres: pitch, contactDegrees: contact)
    return Entry(
      maker: maker, designation: designation, geometry: geometry, multiples: geometry.multiples, source: source ?? unconfirmed,
      isConfirmed: source != nil)
  }

  private static func bearing(
    _ maker: String, _ designation: String, _ balls: Int, _ ball: Double, _ pitch: Double, _ source: String
  ) -> Entry { bearing(maker, designation, balls, ball, pitch, 0, source) }

  private static func lines(
    _ maker: String, _ designation: String, bpfo: Double, bpfi: Double, bsf: Double, ftf: Double, _ source: String
  ) -> Entry {
    Entry(
      maker: maker, designation: designation, geometry: nil,
      multiples: BearingMultiples(bpfo: bpfo, bpfi: bpfi, bsf: bsf, ftf: ftf), source: source, isConfirmed: true)
  }
}
