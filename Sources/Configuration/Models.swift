extension ThrumConfig {
  /// Models that the plane rolls out. Nothing comes without the root that says whom to believe.
  package struct Models: Sendable, Equatable {
    package var isEnabled: Bool
    /// Root metadata as it was handed over with the gateway: `1.root.json` of the plane's repository.
    package var rootFile: String?
    /// Of one package, and of all that is being fetched.
    package var maxBytes: Int
    /// Between two looks that nobody called for.
    package var checkHours: Int
    /// A person may have a package tried that nobody has signed.
    package var allowsUnsigned: Bool

    init(_ table: TableReader) {
      isEnabled = table.flag("enabled", default: true)
      rootFile = table.optionalPath("root_file")
      maxBytes = table.integer("max_bytes", 65_536...33_554_432, default: 33_554_432)
      checkHours = table.integer("check_hours", 1...720, default: 6)
      allowsUnsigned = table.flag("allow_unsigned", default: false)
      table.finish()
    }
  }
}
