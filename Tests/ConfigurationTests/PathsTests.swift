import Testing

@testable import Configuration

@Suite("Paths")
struct PathsTests {
  @Test("the system's folders") func system() {
    let paths = Paths(isSystem: true) { ["HOME": "/root"][$0] }
    #expect(paths.config == "/etc/thrum/thrum.toml")
    #expect(paths.database == "/var/lib/thrum/thrum.db")
    #expect(paths.socket == "/run/thrum/thrum.sock")
  }

  @Test("an ordinary user's: XDG, with its fallbacks") func user() {
    let xdg = ["HOME": "/home/u", "XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s", "XDG_RUNTIME_DIR": "/r"]
    let given = Paths(isSystem: false) { xdg[$0] }
    #expect([given.config, given.stateFolder, given.socket] == ["/c/thrum/thrum.toml", "/s/thrum", "/r/thrum/thrum.sock"])
    let fallback = Paths(isSystem: false) { ["HOME": "/home/u"][$0] }
    #expect(fallback.config == "/home/u/.config/thrum/thrum.toml")
    #expect(fallback.stateFolder == "/home/u/.local/state/thrum")
    #expect(fallback.socket == "/home/u/.local/state/thrum/thrum.sock")
  }

  @Test("THRUM_CONFIG, THRUM_STATE_DIR and THRUM_SOCKET override either", arguments: [true, false]) func overrides(isSystem: Bool)
  {
    let paths = Paths(isSystem: isSystem) { ["THRUM_CONFIG": "/1", "THRUM_STATE_DIR": "/2", "THRUM_SOCKET": "/3"][$0] }
    #expect([paths.config, paths.stateFolder, paths.socket] == ["/1", "/2", "/3"])
  }

  @Test("a state folder of one's own has its socket with it", arguments: [true, false]) func ownFolder(isSystem: Bool) {
    #expect(Paths(isSystem: isSystem) { ["THRUM_STATE_DIR": "/2"][$0] }.socket == "/2/thrum.sock")
  }
}
