import Contracts
import Foundation
import Testing

@Suite struct ChainTests {
  struct Golden: Decodable { var epoch: Epoch, events: [String], hashes: [ChainHash] }

  @Test("the chain is the one hashlib makes")
  func golden() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../Golden/chain.json")
    let golden = try JSON.decode(Golden.self, from: Data(contentsOf: file))
    var hash = ChainHash(golden.epoch)
    for (event, expected) in zip(golden.events, golden.hashes) {
      hash = hash.appending(event.utf8)
      #expect(hash == expected)
    }
    #expect(golden.hashes.count == 3)
  }

  @Test("hex is lower case and of the right length", arguments: ["", "00", "ABCDEF00112233445566778899aabbcc", "0g", "000"])
  func hex(text: String) {
    #expect(Epoch(hex: text) == nil)
    #expect(ChainHash(hex: text) == nil)
  }

  @Test("epochs differ and come back from their text")
  func epochs() {
    let epoch = Epoch.random()
    #expect(Epoch(hex: epoch.hex) == epoch)
    #expect(epoch != Epoch.random())
    #expect(epoch.hex == epoch.hex.lowercased())
  }
}
