import Testing

@testable import Configuration

/// For every key: what is just in range is taken, what is just out of it or of another type is named.
@Suite("Keys")
struct KeyTests {
  /// Table and key; values that are right; values that are not, with what is said about them.
  struct Case: Sendable, CustomTestStringConvertible {
    let table: String
    let key: String
    let right: [String]
    let wrong: [String]
    let expected: String

    init(_ table: String, _ key: String, right: [String], wrong: [String], expected: String) {
      (self.table, self.key, self.right, self.wrong, self.expected) = (table, key, right, wrong, expected)
    }

    private static let ways = ["command", "webhook", "topic"]

    var testDescription: String { "\(table).\(key)" }

    /// A configuration that is right but for `value`.
    func text(_ value: String) -> String {
      let line = "\(key) = \(value)\n"
      return switch table {
      case "plane": "[plane]\n" + (key == "url" ? "" : "url = \"mqtt://127.0.0.1\"\n") + line
      case "source":
        Example.source("t").split(separator: "\n").filter {
          !$0.hasPrefix(key) && !(value.contains("unit") && $0.hasPrefix("unit"))
        }.joined(separator: "\n") + "\n" + line
      case "source.fields": Example.source("t") + "[source.fields]\n" + line
      case "page" where key == "names": "[page]\ncert_file = 'c'\nkey_file = 'k'\n" + line
      case "page" where key.hasSuffix("_file"): "[page]\n\(key == "key_file" ? "cert" : "key")_file = 'f'\n" + line
      case "machine": "[[machine]]\nname = \"m\"\n" + line
      case "machine.point": "[[machine]]\nname = \"m\"\n[[machine.point]]\nname = \"p\"\n" + line
      case "notify":
        "[[notify]]\n" + (key == "name" ? "topic = 'a'\n" : "name = 'n'\n") + line
          + (Self.ways.contains(key) || key == "name" ? "" : "topic = 'a'\n")
      case "machine.point.checks":
        "[[machine]]\nname = \"m\"\n[[machine.point]]\nname = \"p\"\n[machine.point.checks]\n" + line
      default: "[\(table)]\n" + line
      }
    }

    var path: String {
      table.split(separator: ".").map { ["source", "machine", "point", "notify"].contains($0) ? "\($0)[1]" : "\($0)" }.joined(
        separator: ".")
        + "." + key
    }
  }

  private static let loopback = "127.0.0.1:PORT or [::1]:PORT, port 1 to 65535 (there is no TLS on it"

  static let long = String(repeating: "a", count: 64)
  static let label = "1 to 63 of a-z, 0-9 and -"
  static let name = "1 to 63 bytes without control characters, /, + and #"
  static let url = "mqtt://host:port or mqtts://host:port, without user name or path"

  static let cases: [Case] = [
    Case("gateway", "fleet", right: ["'a'", "'a-9'"], wrong: ["''", "'A'", "'a.b'", "'\(long)'", "1"], expected: label),
    Case("gateway", "name", right: ["'gw-1'"], wrong: ["''", "'gw_1'", "true"], expected: label),
    Case(
      "broker", "url", right: ["'mqtt://h'", "'mqtts://h:1'", "'mqtt://[::1]:65535'"],
      wrong: ["'http://h'", "'mqtt://'", "'mqtt://h:0'", "'mqtt://h:65536'", "'mqtt://u:p@h'", "'mqtt://h/x'", "1883"],
      expected: url),
    Case(
      "broker", "protocol", right: ["'auto'", "'5'", "'3.1.1'"], wrong: ["'4'", "5"], expected: #""auto" or "5" or "3.1.1""#),
    Case("broker", "keepalive_s", right: ["5", "3600"], wrong: ["4", "3601", "5.0", "'5'"], expected: "5 to 3600"),
    Case("broker", "username", right: ["'u'"], wrong: ["''", #""a\nb""#, "1"], expected: "1 to 1024 bytes on one line"),
    Case("broker", "allow_plain", right: ["true", "false"], wrong: ["1", "'true'"], expected: "true or false"),
    Case("plane", "url", right: ["'mqtts://plane.example'"], wrong: ["'plane'"], expected: url),
    Case("plane", "signing_key_file", right: ["'/k'", "'k'"], wrong: ["''", "1"], expected: "1 to 1024 bytes on one line"),
    Case("models", "enabled", right: ["true", "false"], wrong: ["1", "'true'"], expected: "true or false"),
    Case("models", "root_file", right: ["'/r'", "'r'"], wrong: ["''", "1"], expected: "1 to 1024 bytes on one line"),
    Case(
      "models", "max_bytes", right: ["65_536", "33_554_432"], wrong: ["65_535", "33_554_433", "1e6"],
      expected: "65536 to 33554432"),
    Case("models", "check_hours", right: ["1", "720"], wrong: ["0", "721", "6.0"], expected: "1 to 720"),
    Case("models", "allow_unsigned", right: ["true", "false"], wrong: ["1", "'true'"], expected: "true or false"),
    Case(
      "plane", "budget_bytes_per_day", right: ["10_000", "1_000_000_000_000"], wrong: ["9_999", "1_000_000_000_001", "1e6"],
      expected: "10000 to 1000000000000"),
    Case("ingest", "batch_frames", right: ["1", "4096"], wrong: ["0", "4097", "-1", "1.5"], expected: "1 to 4096"),
    Case("ingest", "linger_ms", right: ["1", "10_000"], wrong: ["0", "10_001", "0.5"], expected: "1 to 10000"),
    Case(
      "ingest", "max_payload_bytes", right: ["1024", "16_777_216"], wrong: ["1023", "16_777_217"], expected: "1024 to 16777216"),
    Case("ingest", "max_points", right: ["1", "4096"], wrong: ["0", "4097"], expected: "1 to 4096"),
    Case(
      "store", "max_bytes", right: ["16_777_216", "1_099_511_627_776"], wrong: ["16_777_215", "1_099_511_627_777"],
      expected: "16777216 to 1099511627776"),
    Case("store", "max_age_days", right: ["1", "3650"], wrong: ["0", "3651"], expected: "1 to 3650"),
    Case("store", "preallocate", right: ["true"], wrong: ["'yes'"], expected: "true or false"),
    Case("store", "on_full", right: ["'hold'", "'volatile'"], wrong: ["'drop'", "1"], expected: #""hold" or "volatile""#),
    Case(
      "local", "operator_group", right: ["'thrum-operator'", "'adm_1'"], wrong: ["''", "'a b'", "1"],
      expected: "1 to 32 of a-z, 0-9, _ and -"),
    Case("local", "admin_group", right: ["'wheel'"], wrong: ["'Wheel'"], expected: "1 to 32 of a-z, 0-9, _ and -"),
    Case("page", "enabled", right: ["true"], wrong: ["'on'"], expected: "true or false"),
    Case(
      "page", "listen", right: ["'127.0.0.1:1'", "'[::1]:65535'", "'127.1.2.3:80'"],
      wrong: [
        "'0.0.0.0:8473'", "'[::]:80'", "'192.168.1.4:8473'", "'127.0.0.1'", "'127.0.0.1:0'", "'127.0.0.1:65536'", "'[::1]80'",
        "'localhost:80'", "8473", "'127.0.0.+1:80'",
      ], expected: "127.0.0.1:PORT or [::1]:PORT, port 1 to 65535; with cert_file and key_file any address"),
    Case("page", "cert_file", right: ["'a.pem'"], wrong: ["''", "1"], expected: "1 to 1024 bytes on one line"),
    Case("page", "key_file", right: ["'/run/a.key'"], wrong: ["''", "1"], expected: "1 to 1024 bytes on one line"),
    Case(
      "page", "names", right: ["['gw-1']", "['GW_1.plant.example', '10.0.0.5', 'fd00::5']"],
      wrong: ["[]", "'gw-1'", "['gw-1:8473']", "['[::1]']", "['-a']", "['a b']", "['a\\rb']", "['a..b']", "['']"],
      expected: "1 to 16 texts, each a host's name or address"),
    Case("metrics", "enabled", right: ["true"], wrong: ["1"], expected: "true or false"),
    Case("metrics", "listen", right: ["'127.0.0.1:9473'"], wrong: ["'0.0.0.0:9473'", "''"], expected: loopback),
    Case("notify", "name", right: ["'lamp-1'"], wrong: ["''", "'a b'"], expected: label),
    Case(
      "notify", "topic", right: ["'a'", "'a/{machine}/b'"],
      wrong: ["''", "'a/+'", "'#'", "'$SYS/a'", "'thrum/v1/a'", "'{point}'"],
      expected: "an MQTT topic without + and #"),
    Case(
      "notify", "webhook", right: ["'http://h'", "'http://127.0.0.1:8080/a?b=c'", "'http://[::1]:1/'"],
      wrong: ["'https://h'", "'http://u:p@h'", "'http://h/#a'", "'http://'", "'http://h/ä'"],
      expected: "http://host:port/path without user name (for https name a command"),
    Case(
      "notify", "command", right: ["['/bin/true']", "['/bin/echo', 'a']"], wrong: ["[]", "'x'", "['']", "[1]"],
      expected: "1 to 32 texts, each"),
    Case("notify", "priority", right: ["'warning'", "'alarm'"], wrong: ["'info'"], expected: #""warning" or "alarm""#),
    Case("notify", "max_per_hour", right: ["1", "3600"], wrong: ["0", "3601"], expected: "1 to 3600"),
    Case(
      "alarms", "false_alarms_per_month", right: ["0.1", "2", "1000"], wrong: ["0", "1001", "'2'"], expected: "0.1 to 1000"),
    Case("alarms", "off_delay_s", right: ["0", "60", "86_400"], wrong: ["-1", "86_401", "'1'"], expected: "0 to 86400"),
    Case(
      "source", "topic", right: ["'{machine}/{point}'", "'+/{point}/{machine}/#'"], wrong: ["'#/{machine}/{point}'", "1"],
      expected: "an MQTT topic"),
    Case(
      "source", "payload", right: ["'f32le'", "'i16le'", "'i32le'", "'f64be'", "'i24le'", "'json'"], wrong: ["'F32LE'", "1"],
      expected: "f32le, f64le, i16le, i24le, i32le, f32be, f64be, i16be, i24be, i32be, json, cbor, senml, senml-cbor"),
    Case(
      "source", "unit", right: ["'g'", "'m/s²'", "'mil'"], wrong: ["'G'", "''", "1"],
      expected: "g, m/s2, mm/s, m/s, [in_i]/s, um, mm, [mil_i]"),
    Case(
      "source", "sample_rate_hz", right: ["0.001", "10_000_000"], wrong: ["0", "10_000_001", "'1'"], expected: "0.001 to 10000000"
    ),
    Case("source", "qos", right: ["0", "1"], wrong: ["2", "-1"], expected: "0 to 1 (with QoS 2 the broker"),
    Case("source", "machine", right: [], wrong: ["'a/b'", "''", "'\(long)'"], expected: name),
    Case("source", "point", right: [], wrong: ["'a#'", "7"], expected: name),
    Case(
      "source", "scale", right: ["-1e9", "1_000_000_000", "0.5"], wrong: ["1.1e9", "nan", "inf"],
      expected: "-1000000000 to 1000000000"),
    Case(
      "source", "channels", right: ["['x', '-']", "[{ name = 'x' }]"], wrong: ["[]", "'x'", "['a/b']"],
      expected: "names or tables"),
    Case(
      "source", "sensitivity_mv_per_g", right: ["100\ncounts_per_mv = 1", "0.5\nfull_scale_mv = 5000\nbits = 24"],
      wrong: ["0", "-1", "'1'"], expected: "1e-06 to 1000000000"),
    Case(
      "source", "counts_per_mv", right: ["1\nsensitivity_mv_per_g = 100"], wrong: ["0", "1e13"],
      expected: "1e-06 to 1000000000000"),
    Case(
      "source", "full_scale_mv", right: ["5000\nbits = 16\nsensitivity_mv_per_g = 100"], wrong: ["0"],
      expected: "0.001 to 1000000000"
    ),
    Case(
      "source", "bits", right: ["24\nfull_scale_mv = 5000\nsensitivity_mv_per_g = 100"], wrong: ["1", "33"], expected: "2 to 32"),
    Case("source", "header_bytes", right: ["0", "4096"], wrong: ["-1", "4097"], expected: "0 to 4096"),
    Case("source", "sequence_at", right: ["0\nheader_bytes = 4"], wrong: ["-1", "4093"], expected: "0 to 4092"),
    Case("source", "time_at", right: ["4088\nheader_bytes = 4096"], wrong: ["-1", "4089"], expected: "0 to 4088"),
    Case("source", "window_samples", right: ["256", "65_536"], wrong: ["255", "65_537"], expected: "256 to 65536"),
    Case("source", "overlap", right: ["0", "0.9"], wrong: ["-0.1", "0.91"], expected: "0 to 0.9"),
    Case("source", "expected_interval_s", right: ["0.01", "604_800"], wrong: ["0", "604_801"], expected: "0.01 to 604800"),
    Case("source", "baseline_windows", right: ["0", "100_000"], wrong: ["-1", "100_001"], expected: "0 to 100000"),
    Case(
      "source.fields", "samples", right: ["'a'", "'a.b.c'"], wrong: ["''", "'a..b'", "'a.'", "'1.2.3.4.5.6.7.8.9'"],
      expected: "a field's name, with dots between nested ones, at most 8 deep"),
    Case("source.fields", "rate", right: ["'fs'"], wrong: ["1"], expected: "a field's name"),
    Case("source.fields", "unit", right: ["'u'"], wrong: ["1"], expected: "a field's name"),
    Case("source.fields", "time", right: ["'t'"], wrong: ["1"], expected: "a field's name"),
    Case(
      "source.fields", "time_unit", right: ["'s'", "'ms'", "'us'", "'ns'"], wrong: ["'m'"],
      expected: #""s" or "ms" or "us" or "ns""#),
    Case("source.fields", "sequence", right: ["'n'"], wrong: ["1"], expected: "a field's name"),
    Case("source.fields", "rpm", right: ["'r'"], wrong: ["1"], expected: "a field's name"),
    Case(
      "machine", "severity", right: ["'iso20816-3/group2/rigid'", "'iso20816-3/group1/flexible'"],
      wrong: ["'iso20816-3'", "'iso10816-3/group2/rigid'", "'iso20816-3//rigid'", "'iso20816-3/group9/rigid'"],
      expected: "one of iso20816-3/group1/rigid, "),
    Case("machine", "speed_rpm", right: ["1", "1e6"], wrong: ["0.9", "1_000_001"], expected: "1 to 1000000"),
    Case("machine", "teeth", right: ["2", "10000"], wrong: ["1", "2.5"], expected: "2 to 10000"),
    Case("machine", "blades", right: ["2", "1000"], wrong: ["1", "'6'"], expected: "2 to 1000"),
    Case("machine", "line_hz", right: ["50", "1000"], wrong: ["0", "true"], expected: "1 to 1000"),
    Case("machine", "poles", right: ["2\nline_hz = 50", "100\nline_hz = 60"], wrong: ["1", "102", "4.0"], expected: "2 to 100"),
    Case("machine", "power_kw", right: ["0.001", "45"], wrong: ["0", "'45'"], expected: "0.001 to 1000000"),
    Case(
      "machine.point", "direction", right: ["'radial'", "'axial'"], wrong: ["'up'"],
      expected: #""radial" or "axial" or "horizontal" or "vertical" or "tangential""#),
    Case("machine.point", "bearing", right: ["'6313'"], wrong: ["6313", "[1]"], expected: "a designation or a table"),
    Case("machine.point", "range", right: ["50", "0.1"], wrong: ["0", "'50'"], expected: "0.001 to 1000000"),
    Case("machine.point", "severity_block_s", right: ["1", "60"], wrong: ["0.9", "61", "'5'"], expected: "1 to 60"),
    Case("machine.point.checks", "stuck_changing_part", right: ["0", "0.5"], wrong: ["-0.1", "0.6"], expected: "0 to 0.5"),
    Case("machine.point.checks", "bias_part_of_range", right: ["0.05", "1"], wrong: ["0", "1.1"], expected: "0.05 to 1"),
    Case("machine.point.checks", "bias_times_rms", right: ["1", "1000"], wrong: ["0.9", "1001"], expected: "1 to 1000"),
    Case("machine.point.checks", "clipped_part", right: ["0.0001", "1"], wrong: ["0", "1.1"], expected: "0.0001 to 1"),
    Case("machine.point.checks", "clipped_places", right: ["1", "65536"], wrong: ["0", "65537", "4.5"], expected: "1 to 65536"),
    Case("machine.point.checks", "dropout_samples", right: ["4", "65536"], wrong: ["3", "65537"], expected: "4 to 65536"),
    Case("machine.point.checks", "dropout_part", right: ["0.0001", "1"], wrong: ["0", "1.1"], expected: "0.0001 to 1"),
    Case("machine.point.checks", "spike_times_median", right: ["5", "1e6"], wrong: ["4", "'20'"], expected: "5 to 1000000"),
    Case("machine.point.checks", "spike_times_largest", right: ["2", "1e6"], wrong: ["1.9", "inf"], expected: "2 to 1000000"),
  ]

  @Test("in range", arguments: cases) func right(_ one: Case) {
    for value in one.right { #expect(problems(one.text(value)) == [], "\(value)") }
  }

  @Test("out of range or of another type", arguments: cases) func wrong(_ one: Case) {
    for value in one.wrong {
      let found = problems(one.text(value))
      #expect(
        found.contains { $0.hasPrefix("t.toml: \(one.path): expected \(one.expected)") && $0.contains(", got ") },
        "\(value): \(found)")
    }
  }

  @Test("an unknown key in any table is named", arguments: Set(cases.map(\.table)).sorted()) func unknown(table: String) {
    let one = Case(table, "colour", right: [], wrong: [], expected: "")
    #expect(problems(one.text("'red'")) == ["t.toml: \(one.path): unknown key"])
  }
}
