import Anomaly

extension Advice {
  /// `[[advice]]`: what the site does about a fault; goes before what is shipped.
  init(_ table: TableReader) {
    self.init(
      fault: table.text("fault", oneOf: Advice.faults), zone: table.optionalChoice("zone"), text: table.text("text", .line))
    table.finish()
  }
}
