import Glibc
import Terminal

/// A file that was named and cannot be read.
struct FileTrouble: Error, CustomStringConvertible {
  let description: String

  /// With what `errno` says.
  init(_ operation: String, _ path: String) {
    description = "\(operation) \(path.printable): \(String(cString: strerror(errno))); give the path of a file that is there"
  }
}

/// A file that was asked for by name; an older one is replaced.
enum OutputFile {
  static func write(_ bytes: [UInt8], to path: String) throws {
    guard let file = fopen(path, "we") else { throw failure(path) }
    let written = fwrite(bytes, 1, bytes.count, file)
    guard fclose(file) == 0, written == bytes.count else {
      let failure = failure(path)
      removeRest(path)
      throw failure
    }
  }

  /// Half a file may look whole to who opens it; what is no file stays.
  private static func removeRest(_ path: String) {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG { unlink(path) }
  }

  private static func failure(_ path: String) -> Failure {
    Failure(description: "write \(path): \(String(cString: strerror(errno)))")
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }
}
