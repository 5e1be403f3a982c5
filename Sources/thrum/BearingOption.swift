import Signal
import Terminal

extension BearingMultiples {
  /// What `--bearing` was given: a designation of the catalogue, or four numbers.
  init(option text: String) throws {
    let orders = text.split(separator: ",", omittingEmptySubsequences: false).compactMap { Double($0) }
    if orders.count == 4, orders.allSatisfy((1e-3...1e3).contains) {
      self.init(bpfo: orders[0], bpfi: orders[1], bsf: orders[2], ftf: orders[3])
    } else if !text.contains(","), let entry = BearingCatalogue.entry(of: text) {
      self = entry.multiples
    } else {
      throw UsageError(
        "--bearing \(text.printable): expected a designation that `thrum bearings` lists, as 6205, or four numbers "
          + "BPFO,BPFI,BSF,FTF, each 0.001 to 1000")
    }
  }
}
