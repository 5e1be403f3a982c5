import ArgumentParser
import Glibc

/// How every program of Thrum ends: 0 done, 1 failed, 2 wrong usage or configuration.
package enum Program {
  /// Parses the arguments, runs the command, prints what went wrong to standard error, and exits.
  package static func main<Root: ParsableCommand>(_ root: Root.Type) -> Never {
    do {
      var command = try root.parseAsRoot()
      try command.run()
      end(with: 0)
    } catch { end(root, with: error) }
  }

  /// The same for a program that does several things at once.
  package static func main<Root: AsyncParsableCommand>(_ root: Root.Type) async -> Never {
    do {
      var command = try root.parseAsRoot()
      if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
      end(with: 0)
    } catch { end(root, with: error) }
  }

  private static func end<Root: ParsableCommand>(_ root: Root.Type, with error: any Error) -> Never {
    if let status = error as? ExitStatus { end(with: status.code) }
    if let failure = error as? StandardOutput.Failure { end(with: 1, failure) }
    let code = root.exitCode(for: error)
    if code == .success {
      print(narrowed(root.fullMessage(for: error)))
      end(with: 0)
    }
    complain(narrowed(root.fullMessage(for: error)))
    end(with: code == .validationFailure || error is UsageError ? 2 : 1)
  }

  /// Nothing was done where what was printed could not be written: a 0 becomes 1.
  private static func end(with code: Int32) -> Never {
    do { try StandardOutput.flush() } catch { end(with: code == 0 ? 1 : code, error) }
    exit(code)
  }

  private static func end(with code: Int32, _ failure: StandardOutput.Failure) -> Never {
    complain("Error: \(failure)")
    exit(code)
  }
}

extension Program {
  /// The parser breaks all lines but those of usage.
  static func narrowed(_ message: String) -> String {
    message.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let isUsage = line.hasPrefix("USAGE: ") || line.hasPrefix("Usage: ")
      return isUsage && line.count > 80 ? String(line).wrapped(columns: 73, indent: 7) : String(line)
    }.joined(separator: "\n")
  }
}

/// Ends the program with `code`; whatever there was to say has been said.
package struct ExitStatus: Error {
  package let code: Int32
  package init(_ code: Int32) { self.code = code }
}

/// Wrong usage or configuration: exit code 2.
package struct UsageError: Error, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}

/// One line on standard error.
package func complain(_ text: String) {
  let bytes = Array("\(text)\n".utf8)
  _ = write(STDERR_FILENO, bytes, bytes.count)
}
