import Glibc

package enum TextFile {
  package static func read(_ path: String, maxBytes: Int) throws(ConfigError) -> String {
    guard let file = fopen(path, "re") else { throw ConfigError(reading: path) }
    defer { fclose(file) }
    let bytes = [UInt8](unsafeUninitializedCapacity: maxBytes + 1) { buffer, count in
      count = fread(buffer.baseAddress, 1, maxBytes + 1, file)
    }
    guard ferror(file) == 0 else { throw ConfigError(reading: path) }
    guard bytes.count <= maxBytes else { throw ConfigError(path, "expected at most \(maxBytes) bytes") }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw ConfigError(path, "expected text in UTF-8") }
    return text
  }

  /// Paths of the files of a folder that end in `suffix`, in the order of their bytes; none when there is no folder.
  package static func list(_ folder: String, suffix: String) throws(ConfigError) -> [String] {
    guard let directory = opendir(folder) else {
      if errno == ENOENT { return [] }
      throw ConfigError(reading: folder)
    }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(suffix), !name.hasPrefix(".") { names.append("\(folder)/\(name)") }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}

extension ConfigError {
  fileprivate init(_ path: String, _ text: String) { problems = [ConfigProblem(file: path, key: "", text: text)] }

  /// With what `errno` says.
  fileprivate init(reading path: String) { self.init(path, "cannot be read: \(String(cString: strerror(errno)))") }
}
