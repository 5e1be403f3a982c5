import ArgumentParser
import Contracts
import ControlPlane
import Terminal

struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Say what it was worth: incidents caught, missed and false, hours avoided, cash flow.",
    discussion: """
      Incidents are what people said at the gateways (thrum label, thrum maintenance). The cash flow is arithmetic on the site's own \
      figures below, undiscounted; it claims nothing that was measured.

      EXAMPLES
        thrum-plane report --db plane.db
        thrum-plane report --stops-per-year 12 --cost-per-stop 25000 --avoided 0.4 --json
      """)

  @OptionGroup var file: PlaneFile
  @OptionGroup var output: OutputForm
  @Option(help: "Only this gateway.")
  var gateway: String?
  @Option(help: "Unplanned stops a year, before.")
  var stopsPerYear = BusinessInputs().stopsPerYear
  @Option(help: "What a stop costs, in the site's currency.")
  var costPerStop = BusinessInputs().costPerStop
  @Option(help: "Hours that a stop takes.")
  var hoursPerStop = BusinessInputs().hoursPerStop
  @Option(help: "Part of the stops that is avoided, 0 to 1.")
  var avoided = BusinessInputs().avoidedShare
  @Option(help: "What it costs once, to build and install.")
  var build = BusinessInputs().build
  @Option(help: "What it costs a year, to run.")
  var runPerYear = BusinessInputs().runPerYear
  @Option(help: "Years to look ahead, 1 to 30.")
  var years = 3

  func validate() throws {
    guard (0...1).contains(avoided) else { throw ValidationError("--avoided \(avoided): expected 0 to 1") }
    guard (1...30).contains(years) else { throw ValidationError("--years \(years): expected 1 to 30") }
    for (name, value) in [
      ("stops-per-year", stopsPerYear), ("cost-per-stop", costPerStop), ("hours-per-stop", hoursPerStop), ("build", build),
      ("run-per-year", runPerYear),
    ] where !(0...1e12).contains(value) { throw ValidationError("--\(name) \(value): expected 0 to 1e12") }
  }

  private struct Document: Encodable {
    let incidents: IncidentCount
    let businessCase: BusinessCase
  }

  func run() throws {
    let incidents = try file.reader(about: gateway).incidents(of: gateway)
    var inputs = BusinessInputs()
    (inputs.stopsPerYear, inputs.costPerStop, inputs.hoursPerStop) = (stopsPerYear, costPerStop, hoursPerStop)
    (inputs.avoidedShare, inputs.build, inputs.runPerYear) = (avoided, build, runPerYear)
    let worth = BusinessCase(inputs, years: years)
    if output.json { return print(JSON.text(Document(incidents: incidents, businessCase: worth))) }
    show(incidents)
    show(worth)
  }

  private func show(_ count: IncidentCount) {
    print(
      """
      Incidents, as people labelled them
        \(count.alarms) \(count.alarms == 1 ? "alarm" : "alarms"): \(count.caught) caught, \(count.falseAlarms) false, \(count.open) not judged yet; \(count.missed) missed
        (caught and missed count a repair within \(Int(IncidentCount.repairDays)) days after an alarm, or without one)

      """)
  }

  private func show(_ worth: BusinessCase) {
    let inputs = worth.inputs
    print(
      """
      The site's own figures
        \(money(inputs.stopsPerYear)) stops a year at \(money(inputs.costPerStop)), \(money(inputs.avoidedShare * 100)) % of them avoided: \
      \(money(worth.hoursAvoidedPerYear)) hours a year
        \(money(inputs.build)) to build, \(money(inputs.runPerYear)) a year to run

      """)
    var table = Table(["year", "cash flow", "cumulative"], numbers: [0, 1, 2])
    for year in worth.years { table.add("\(year.year)", money(year.cash), money(year.cumulative)) }
    print(table.rendered())
    print("\nPayback: " + (worth.paybackYears.map { "\(number($0, 2)) years" } ?? "never, at these figures"))
  }

  private func money(_ value: Double) -> String { number(value, 0) }
  private func number(_ value: Double, _ digits: Int) -> String {
    let scale = digits == 2 ? 100.0 : 1.0
    let rounded = (value * scale).rounded() / scale
    return digits == 0 ? "\(Int(rounded))" : "\(rounded)"
  }
}
