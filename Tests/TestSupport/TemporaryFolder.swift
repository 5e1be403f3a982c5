import Foundation

/// A new, empty folder that goes with this object.
package final class TemporaryFolder: Sendable {
  package let path: String

  package init() throws {
    var template = Array("\(FileManager.default.temporaryDirectory.path)/thrum-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw TestSupportError("make a temporary folder: \(String(cString: strerror(errno)))")
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of `name` within the folder.
  package func path(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes `text` to the file `name` and returns its path.
  @discardableResult
  package func write(_ text: String, to name: String) throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }
}

/// The text of a file; bytes that are not UTF-8 are replaced.
package func contents(ofFile path: String) throws -> String {
  String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
}

/// The folder that holds Package.swift.
package let repositoryRoot = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path
