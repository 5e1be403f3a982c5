/// What a site puts in: its own figures, in its own currency.
package struct BusinessInputs: Sendable, Codable, Equatable {
  /// Unplanned stops a year, before.
  package var stopsPerYear = 20.0
  package var costPerStop = 10_000.0
  /// Part of the stops that is avoided, 0 to 1.
  package var avoidedShare = 0.5
  package var hoursPerStop = 8.0
  /// Once, at the beginning.
  package var build = 150_000.0
  package var runPerYear = 30_000.0

  package init() {}
}

/// Cash flow of a site, undiscounted: what avoided stops are worth, less what Thrum costs.
package struct BusinessCase: Sendable, Encodable, Equatable {
  package struct Year: Sendable, Encodable, Equatable {
    package var year: Int
    package var cash: Double
    package var cumulative: Double
  }

  package var inputs: BusinessInputs
  package var stopsAvoidedPerYear: Double
  package var hoursAvoidedPerYear: Double
  /// Saved less run, a year.
  package var netPerYear: Double
  package var years: [Year]
  /// Years until what was built is earned; `nil`: never.
  package var paybackYears: Double?

  /// - Parameter years: 1 or more; building is paid in the first.
  package init(_ inputs: BusinessInputs, years count: Int = 5) {
    self.inputs = inputs
    stopsAvoidedPerYear = inputs.stopsPerYear * inputs.avoidedShare
    hoursAvoidedPerYear = stopsAvoidedPerYear * inputs.hoursPerStop
    netPerYear = stopsAvoidedPerYear * inputs.costPerStop - inputs.runPerYear
    years = []
    var sum = 0.0
    for year in 1...max(1, count) {
      let cash = netPerYear - (year == 1 ? inputs.build : 0)
      sum += cash
      years.append(Year(year: year, cash: cash, cumulative: sum))
    }
    paybackYears = netPerYear > 0 ? inputs.build / netPerYear : nil
  }
}
