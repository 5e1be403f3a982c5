import Signal

extension ThrumConfig {
  /// `[[bearing]]`: a bearing that points can name beside those of the catalogue; one of the same name is meant
  /// instead of the catalogue's.
  package struct OwnBearing: Sendable, Equatable {
    package var name: String
    package var bearing: Bearing

    init(_ table: TableReader) {
      name = table.text("name", .name)
      bearing = Bearing(table)
      table.finish()
    }
  }
}

extension ThrumConfig.Bearing {
  /// `nil` for a designation that the catalogue does not have.
  package var multiples: BearingMultiples? {
    switch self {
    case .catalogue(let designation): BearingCatalogue.entry(of: designation)?.multiples
    case .geometry: geometry?.multiples
    case .multiples(let bpfo, let bpfi, let bsf, let ftf): BearingMultiples(bpfo: bpfo, bpfi: bpfi, bsf: bsf, ftf: ftf)
    }
  }

  fileprivate var geometry: BearingGeometry? {
    guard case .geometry(let balls, let ball, let pitch, let contact) = self else { return nil }
    return BearingGeometry(balls: balls, ballMillimetres: ball, pitchMillimetres: pitch, contactDegrees: contact)
  }
}

extension ThrumConfig.OwnBearing {
  /// As the catalogue would list it.
  package var entry: BearingCatalogue.Entry? {
    bearing.multiples.map {
      BearingCatalogue.Entry(
        maker: "", designation: name, geometry: bearing.geometry, multiples: $0, source: "the site", isConfirmed: true)
    }
  }
}
