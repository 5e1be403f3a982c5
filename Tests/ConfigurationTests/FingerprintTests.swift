import Testing

@testable import Configuration

/// Whether a file still says what was read from it.
@Suite struct FingerprintTests {
  private func fingerprint(_ texts: String...) throws -> String {
    try ConfigFile.fingerprint(of: texts.enumerated().map { ("\($0).toml", $1) })
  }

  @Test("comments, blanks, order of keys and the file they stand in do not count")
  func same() throws {
    let one = try fingerprint("[store]\nmax_bytes = 1\nmax_age_days = 2\n[page]\nnames = ['a', 'b']\n")
    #expect(try fingerprint("# new\n[page]\nnames = [\"a\",  \"b\"]\n\n[store]\nmax_age_days = 2\nmax_bytes = 1\n") == one)
    #expect(try fingerprint("[page]\nnames = ['a', 'b']\n", "[store]\nmax_bytes = 1\nmax_age_days = 2\n") == one)
    #expect(one.count == 16)
  }

  @Test(
    "every value counts, in arrays and tables of tables too",
    arguments: [
      "[store]\nmax_bytes = 2\n[page]\nnames = ['a', 'b']\n", "[store]\nmax_bytes = 1\n[page]\nnames = ['a', 'c']\n",
      "[store]\nmax_bytes = '1'\n[page]\nnames = ['a', 'b']\n", "[store]\nmax_bytes = 1\n[page]\nnames = ['a, b']\n",
      "[store]\nmax_bytes = 1\n[page]\nnames = ['a', 'b']\n[[machine]]\nname = 'm'\n", "",
    ])
  func differs(text: String) throws {
    #expect(try fingerprint("[store]\nmax_bytes = 1\n[page]\nnames = ['a', 'b']\n") != fingerprint(text))
  }
}
