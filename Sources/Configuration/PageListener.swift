extension ThrumConfig {
  /// `[page]`, for people with a browser.
  package struct Page: Sendable, Equatable {
    package var enabled: Bool
    /// On loopback unless there is TLS; `nil` stands for one that was reported.
    package var listen: ListenAddress?
    /// PEM: the certificate, and those that lead from it to an authority.
    package var certFile: String?
    package var keyFile: String?
    /// What people type to get here, without a port; empty: see `hosts`.
    package var names: [String]

    init(_ table: TableReader) {
      enabled = table.flag("enabled", default: false)
      listen = table.listenAddress(
        "listen", default: "127.0.0.1:8473", words: ListenAddress.words,
        isEncrypted: table.has("cert_file") && table.has("key_file"))
      certFile = table.optionalPath("cert_file")
      keyFile = table.optionalPath("key_file")
      names = (table.optionalTexts("names", .hostName, 1...16) ?? []).map { IPAddress.normal($0) ?? $0.lowercased() }
      reportContradictions(to: table)
      table.finish()
    }

    private func reportContradictions(to table: TableReader) {
      if table.has("cert_file") != table.has("key_file") {
        table.report(table.has("cert_file") ? "cert_file" : "key_file", "expected cert_file and key_file together")
      }
      if table.has("names"), !table.has("cert_file") {
        table.report("names", "expected cert_file and key_file with it: without TLS the page is opened as 127.0.0.1 or localhost")
      }
    }

    package var isEncrypted: Bool { certFile != nil && keyFile != nil }

    /// Where it listens; `nil`: it does not.
    package var address: ListenAddress? { enabled ? listen : nil }

    /// By what names a browser may ask, those of loopback apart; the first is the one that `thrum page` prints.
    package var hosts: [String] {
      guard isEncrypted, let listen else { return [] }
      return names.isEmpty ? (listen.isEverywhere ? [] : [listen.host]) + [HostName.whole].compactMap { $0 } : names
    }
  }
}

extension TextForm {
  /// RFC 1123 with `_`, or an address.
  static var hostName: Self {
    Self(words: "a host's name or address, at most 253 bytes, without port and brackets") { text in
      let labels = text.split(separator: ".", omittingEmptySubsequences: false)
      return IPAddress.normal(text) != nil
        || (text.utf8.count <= 253
          && labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.utf8.allSatisfy { isHostByte($0) } && label.first != "-"
              && label.last != "-"
          })
    }
  }

  private static func isHostByte(_ byte: UInt8) -> Bool {
    isLabelByte(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || byte == UInt8(ascii: "_")
  }
}
