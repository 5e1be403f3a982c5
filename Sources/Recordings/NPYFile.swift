/// NumPy's format .npy, version 1.0 (numpy.lib.format): a table of float64, little-endian, row after row.
package enum NPYFile {
  /// - Parameter columns: of equal length; column c becomes `array[:, c]`.
  package static func bytes(columns: [[Double]]) -> [UInt8] {
    let rows = columns.map(\.count).min() ?? 0
    var bytes = header(rows: rows, columns: columns.count)
    bytes.reserveCapacity(bytes.count + rows * columns.count * 8)
    for row in 0..<rows {
      for column in columns { withUnsafeBytes(of: column[row].bitPattern.littleEndian) { bytes.append(contentsOf: $0) } }
    }
    return bytes
  }

  /// Filled up with spaces so that the numbers begin at a multiple of 64.
  private static func header(rows: Int, columns: Int) -> [UInt8] {
    let text = "{'descr': '<f8', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
    let blanks = 63 - (10 + text.utf8.count) % 64
    let dictionary = Array(text.utf8) + [UInt8](repeating: UInt8(ascii: " "), count: blanks) + [UInt8(ascii: "\n")]
    let count = UInt16(dictionary.count)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 0xFF), UInt8(count >> 8)] + dictionary
  }
}
