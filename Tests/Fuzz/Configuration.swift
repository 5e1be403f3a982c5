@testable import Configuration

extension FuzzTarget {
  /// TOMLKit 0.6.0 never frees the tables that it parsed: a process reads its configuration once.
  static let configuration = FuzzTarget(
    name: "configuration", seeds: { texts.map(text) },
    read: { input in
      guard let text = String(validating: input, as: UTF8.self) else { return }
      do throws(ConfigError) { _ = try ConfigFile.parse([(file: "a.toml", text: text)]) } catch {
        precondition(!error.problems.isEmpty && error.problems.allSatisfy { !$0.text.isEmpty && !$0.description.isEmpty })
      }
    }, largeBytes: 65_536, mayGrow: true)

  private static let texts = [
    """
    [gateway]
    fleet = "demo"
    [broker]
    url = "mqtts://[::1]:1883"
    [plane]
    url = "mqtt://plane"
    budget_bytes_per_day = 5_000_000
    [store]
    preallocate = false

    """,
    """
    [[source]]
    topic = "plant/{machine}/{point}/vib"
    payload = "json"
    unit = "g"
    sample_rate_hz = 1.2e4
    fields.time = "a.b"

    """,
    """
    [[machine]]
    name = "p"
    severity = "iso20816-3/group2/rigid"
    speed_rpm = 1485
    [[machine.point]]
    name = "d"
    bearing = { balls = 9, ball_mm = 7.94, pitch_mm = 39.04 }
    [[machine.point]]
    name = "e"
    bearing = "6205"
    range = 50
    [[bearing]]
    name = "f"
    bpfo = 3.2

    """,
    "[[severity]]\nname = 's'\n", "a = [", "a = {a=", "a.", "a.a={", "[a]\nb = 1979-05-27T07:32:00Z\n", "a = '''\n'''\n",
  ]
}
