import ArgumentParser
import Recordings
import Terminal

/// Numbers for other programs: comma-separated on standard output, or a NumPy file.
struct TableExport: ParsableArguments {
  @Flag(help: "Print comma-separated values with a heading.")
  var csv = false
  @Option(help: "Write a table of float64 for NumPy to this file.", completion: .file())
  var npy: String?

  struct Column {
    let name: String
    let values: [Double]
  }

  /// Writes what was asked for; with `json`, the file alone.
  /// - Parameter columns: of equal length.
  /// - Returns: `false` when nothing was.
  func write(_ columns: [Column], json: Bool) throws -> Bool {
    if let npy { try OutputFile.write(NPYFile.bytes(columns: columns.map(\.values)), to: npy) }
    if json { return false }
    if csv { printRows(columns) } else if let npy { print("wrote \(npy.printable)") }
    return csv || npy != nil
  }

  private func printRows(_ columns: [Column]) {
    print(columns.map(\.name).joined(separator: ","))
    for row in 0..<(columns.first?.values.count ?? 0) {
      print(columns.map { $0.values[row].isNaN ? "" : "\($0.values[row])" }.joined(separator: ","))
    }
  }
}
