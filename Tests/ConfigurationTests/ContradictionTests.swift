import Payloads
import Testing

@testable import Configuration

@Suite("Keys that depend on each other")
struct ContradictionTests {
  @Test("a password goes in the clear to this machine only, unless that is permitted")
  func plainPassword() {
    let credentials = "username = 'u'\npassword_file = 'p'\n"
    func broker(_ url: String, _ more: String = "") -> [String] { problems("[broker]\nurl = '\(url)'\n" + credentials + more) }
    #expect(broker("mqtt://127.0.0.1") == [])
    #expect(broker("mqtt://localhost:1884") == [])
    #expect(broker("mqtts://plant.example") == [])
    #expect(broker("mqtt://plant.example", "allow_plain = true") == [])
    #expect(broker("mqtt://plant.example").first?.contains("would get the password in the clear") == true)
    #expect(problems("[broker]\nurl = 'mqtt://127.evil.example'\nusername = 'u'") != [])
  }

  @Test("certificates need TLS and their keys, a password its user name")
  func pairs() {
    #expect(problems("[broker]\npassword_file = 'p'") == ["t.toml: broker.password_file: expected username beside it"])
    #expect(problems("[broker]\nurl = 'mqtts://h'\ncert_file = 'c'").first?.contains("together") == true)
    #expect(
      problems("[broker]\nca_file = 'c'") == [
        "t.toml: broker.ca_file: expected an mqtts:// url with it, got mqtt://127.0.0.1:1883"
      ])
  }

  @Test("the page leaves loopback with a certificate and its key only, both of them; names need them too")
  func pageOnANetwork() {
    func page(_ lines: String) -> [String] { problems("[page]\nenabled = true\n" + lines) }
    let pair = "cert_file = 'c'\nkey_file = 'k'\n"
    for address in ["0.0.0.0:8473", "10.0.0.5:8473", "[::]:8473", "[fd00::5]:8473"] {
      #expect(page("listen = '\(address)'\n" + pair) == [])
      let refused = page("listen = '\(address)'\n")
      #expect(refused.count == 1 && refused[0].contains("page.listen: expected") && refused[0].contains("got \"\(address)\""))
      #expect(refused[0].contains("with cert_file and key_file") && refused[0].contains("ssh -L"))
    }
    #expect(page("listen = 'gw-1:8473'\n" + pair).count == 1, "a name may come to mean another address")
    #expect(page(pair) == [], "loopback too may have TLS")
    #expect(page("cert_file = 'c'\n") == ["t.toml: page.cert_file: expected cert_file and key_file together"])
    #expect(page("key_file = 'k'\nlisten = '10.0.0.5:1'\n").count == 2)
    #expect(page("names = ['gw-1']\n").first?.contains("expected cert_file and key_file with it") == true)
    #expect(page("names = ['GW-1.plant.example', '10.0.0.5', 'fd00:0::5', 'gw_1']\n" + pair) == [])
    #expect(problems("[metrics]\nlisten = '10.0.0.5:9473'\n").count == 1)
    #expect(problems("[metrics]\ncert_file = 'c'\n").first?.contains("unknown key") == true)
  }

  @Test("without names the page answers to its own address and to the host's name; to those that are given otherwise")
  func pageNames() throws {
    func hosts(_ lines: String) throws -> [String] {
      try parse("[page]\ncert_file = 'c'\nkey_file = 'k'\n" + lines).page.hosts
    }
    #expect(try hosts("listen = '10.0.0.5:1'\n").first == "10.0.0.5")
    #expect(try !hosts("listen = '0.0.0.0:1'\n").contains("0.0.0.0"))
    #expect(try hosts("names = ['GW-1', 'FD00:0::5']\n") == ["gw-1", "fd00::5"])
    #expect(try parse("").page.hosts == [])
  }

  @Test(
    "a plane needs a url, a source a topic and a payload, a machine and a point a name",
    arguments: [
      ("[plane]\n", ["plane.url"]), ("[[source]]\n", ["source[1].topic", "source[1].payload"]),
      ("[[machine]]\n", ["machine[1].name"]),
      ("[[machine]]\nname='m'\n[[machine.point]]\n", ["machine[1].point[1].name"]),
    ])
  func missing(text: String, keys: [String]) {
    let found = problems(text)
    #expect(found.count == keys.count)
    for key in keys { #expect(found.contains { $0.hasPrefix("t.toml: \(key): missing; expected ") }, "\(found)") }
  }

  @Test("raw samples need unit and rate, and a header that holds its fields")
  func rawBlocks() {
    let raw = "[[source]]\ntopic = '{machine}/{point}'\npayload = 'i16le'\n"
    #expect(problems(raw) == ["t.toml: source[1].unit: needed: a raw block does not say its unit"])
    #expect(problems(raw + "unit = 'g'\n") == ["t.toml: source[1].sample_rate_hz: needed: a raw block does not say its rate"])
    #expect(
      problems(Example.source("t") + "header_bytes = 8\ntime_at = 4\n") == [
        "t.toml: source[1].time_at: its 8 bytes from 4 on lie outside header_bytes = 8"
      ])
    #expect(problems(Example.source("t") + "unit = 'furlong'\n").count == 1)
  }

  @Test("a window has an even number of samples: its spectrum is made from halves")
  func evenWindow() {
    let text = Example.source("t") + "window_samples = 4097\n"
    #expect(problems(text) == ["t.toml: source[1].window_samples: expected an even number, got 4097"])
  }

  @Test("machine and point come from the topic or from the source, never from both and never from neither")
  func names() {
    let rest = "payload = 'f32le'\nunit = 'g'\nsample_rate_hz = 1\n"
    #expect(problems("[[source]]\ntopic = 'a/+/b/#'\nmachine = 'm'\npoint = 'p'\n" + rest) == [])
    #expect(problems("[[source]]\ntopic = 'a/{machine}'\npoint = 'p'\n" + rest) == [])
    #expect(
      problems("[[source]]\ntopic = 'a/{machine}'\n" + rest).first?.contains("source[1].point: expected a name here") == true)
    #expect(problems("[[source]]\ntopic = '{machine}/{point}'\npoint = 'p'\n" + rest).first?.contains("expected none") == true)
  }

  @Test(
    "a topic's wildcards and names fill whole levels",
    arguments: ["", "a+/b", "a/#/b", "a/{machin}/b", "a/x{point}", "{machine}/{machine}", "a/{point"])
  func topics(topic: String) {
    #expect(problems("[[source]]\ntopic = '\(topic)'\n").contains { $0.contains("source[1].topic: expected an MQTT topic") })
  }

  @Test("poles say what the motor's field does, and contradict a speed that is another shaft's")
  func poles() throws {
    let machine = "[[machine]]\nname = 'm'\n"
    #expect(problems(machine + "poles = 4\nline_hz = 50\nspeed_rpm = 1485\n") == [])
    #expect(
      problems(machine + "poles = 4\n") == [
        "t.toml: machine[1].poles: expected line_hz beside it: together they tell the speed of the field"
      ])
    #expect(problems(machine + "poles = 3\nline_hz = 50\n") == ["t.toml: machine[1].poles: expected an even number, got 3"])
    for speed in ["1501", "1270", "2950"] {
      let found = problems(machine + "poles = 4\nline_hz = 50\nspeed_rpm = \(speed)\n")
      #expect(found.count == 1 && found[0].contains("4 poles at 50.0 Hz turn with 1500.0 r/min or up to 15 % less"), "\(found)")
    }
  }

  @Test("a bearing is a designation, a geometry or its lines")
  func bearings() throws {
    func bearing(_ value: String) throws -> ThrumConfig.Bearing? {
      try parse("[[machine]]\nname = 'm'\n[[machine.point]]\nname = 'p'\nbearing = \(value)").machines[0].points[0].bearing
    }
    #expect(try bearing("'SKF 6313-2Z'") == .catalogue("SKF 6313-2Z"))
    #expect(
      try bearing("{ balls = 8, ball_mm = 5.969, pitch_mm = 31.623 }")
        == .geometry(balls: 8, ballMillimetres: 5.969, pitchMillimetres: 31.623, contactDegrees: 0))
    #expect(
      try bearing("{ bpfo = 3.2, bpfi = 4.8, bsf = 2.5, ftf = 0.4 }") == .multiples(bpfo: 3.2, bpfi: 4.8, bsf: 2.5, ftf: 0.4))
    for wrong in [
      "'NU 1005'", "{ balls = 8, ball_mm = 32, pitch_mm = 31 }", "{ balls = 2, ball_mm = 3, pitch_mm = 31 }", "{ bpfo = 3.2 }",
      "{}",
      "{ balls = 8, ball_mm = 5, pitch_mm = 31, contact_deg = 90 }", "{ bpfo = 3.2, bpfi = 4.8, bsf = 2.5, ftf = 0.4, bpf = 1 }",
    ] {
      #expect(throws: ConfigError.self, "\(wrong)") { try bearing(wrong) }
    }
  }

  @Test("a point can name a bearing of the site's own, also one of the catalogue's name")
  func ownBearings() throws {
    func bearing(_ own: String) throws -> ThrumConfig.Bearing? {
      try parse("\(own)\n[[machine]]\nname = 'm'\n[[machine.point]]\nname = 'p'\nbearing = '6313'").machines[0].points[0].bearing
    }
    let geometry = "balls = 9\nball_mm = 20\npitch_mm = 100"
    #expect(
      try bearing("[[bearing]]\nname = '6313'\n\(geometry)")
        == .geometry(balls: 9, ballMillimetres: 20, pitchMillimetres: 100, contactDegrees: 0))
    #expect(try bearing("[[bearing]]\nname = 'fan'\nbpfo = 3.2\nbpfi = 4.8\nbsf = 2.5\nftf = 0.4") == .catalogue("6313"))
    for wrong in [
      "\(geometry)", "name = 'a'", "name = 'a'\n\(geometry)\nteeth = 3",
      "name = 'a'\n\(geometry)\n[[bearing]]\nname = 'a'\n\(geometry)",
    ] {
      #expect(throws: ConfigError.self, "\(wrong)") { try bearing("[[bearing]]\n\(wrong)") }
    }
  }

  @Test("a password is the first line of its file, and paths start at the file that names them")
  func password() throws {
    let folder = try TemporaryConfig([
      "thrum.toml": "[broker]\nusername = 'u'\npassword_file = 'pw'\n", "pw": "secret\nnot this\n",
    ])
    let broker = try ConfigFile.read(folder.path + "/thrum.toml").broker
    #expect(broker.passwordFile == folder.path + "/pw")
    #expect(try broker.password() == "secret")
  }
}
