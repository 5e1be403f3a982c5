import Anomaly
import Testing

@testable import Configuration

@Suite("Evaluation classes in the configuration")
struct SeverityClassTests {
  private func machine(_ facts: String) -> String { "[[machine]]\nname = 'm'\n\(facts)\n" }

  private let own = "[[severity]]\nname = 'site/pumps'\nab = 1\nbc = 2\ncd = 3\n"

  @Test("a machine outside its class's power or speed is refused with the range and the remedy")
  func mismatch() {
    let found = problems(machine("severity = 'iso20816-3/group2/rigid'\npower_kw = 400\nspeed_rpm = 100"))
    #expect(found.count == 2)
    #expect(found.contains { $0.hasPrefix("t.toml: machine[1].power_kw: 400.0 kW lies outside 15.0 to 300.0") })
    #expect(found.contains { $0.contains("machine[1].speed_rpm") && $0.hasSuffix("or state the site's own in [[severity]]") })
    #expect(problems(machine("severity = 'iso20816-3/group2/rigid'\npower_kw = 45")) == [])
  }

  @Test("a machine can name the site's own class, and one of a shipped name replaces it")
  func ownClass() throws {
    let config = try parse(own + "displacement_um = [10, 20, 30]\n" + machine("severity = 'site/pumps'\npower_kw = 4"))
    #expect(config.severityClass(of: config.machines[0])?.limits.bc == 2)
    #expect(config.severityClass(of: config.machines[0])?.displacementLimits?.cd == 30)
    let shipped = own.replacing("site/pumps", with: "iso20816-3/group2/rigid")
    let replaced = try parse(shipped + machine("severity = 'iso20816-3/group2/rigid'\npower_kw = 4"))
    #expect(replaced.severityClass(of: replaced.machines[0])?.limits.cd == 3)
  }

  @Test("limits rise, ranges rise, names are not given twice")
  func wrong() {
    #expect(problems(own.replacing("bc = 2", with: "bc = 4")).first?.contains("expected limits that rise") == true)
    #expect(problems(own + "power_kw = [5, 3]\n").first?.contains("expected 2 numbers that rise") == true)
    for wrong in ["[1, 2]", "[1, 3, 2]", "[0, 1, 2]", "5"] {
      #expect(problems(own + "displacement_um = \(wrong)\n").first?.contains("expected 3 numbers that rise") == true)
    }
    #expect(problems(own + own) == ["t.toml: severity: the name site/pumps is given twice"])
  }

  @Test("multiples that contradict each other are refused; twice the BSF gets a hint")
  func multiples() {
    func found(_ bearing: String) -> [String] { problems(machine("[[machine.point]]\nname = 'p'\nbearing = { \(bearing) }")) }
    #expect(found("bpfo = 3.5848, bpfi = 5.4152, bsf = 2.3568, ftf = 0.39828") == [])
    #expect(found("bpfo = 3.5848, bpfi = 5.4152, bsf = 4.7136, ftf = 0.39828").first?.contains("looks like 2 x BSF") == true)
    #expect(found("bpfo = 3.5848, bpfi = 4.9, bsf = 2.3568, ftf = 0.39828").first?.contains("number of balls") == true)
    #expect(found("bpfo = 3.5848, bpfi = 5.4152, bsf = 2.3568, ftf = 0.3").first?.contains(".ftf: expected bpfo / balls") == true)
  }
}
