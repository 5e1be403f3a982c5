import ModelFixtures
import Testing

@testable import ModelPackages

@Suite("A model's card")
struct PackageCardTests {
  @Test("is written as it was read")
  func roundTrip() throws {
    let card = try Machine.card
    #expect(try PackageCard(json: card.json.canonical, "card") == card)
    #expect(card.metrics.map(\.set) == ["test", "external"])
    #expect(card.metrics[0].figures == [.init(name: "roc_auc", value: "0.991")])
  }

  @Test(
    "what is missing, unknown or of no form is refused and named",
    arguments: [
      (#""version":"1.2.0""#, #""version":"../1""#), (#""model":"pumps""#, #""model":"Pumps/x""#),
      (#""purpose":"Cooling water pumps","#, ""), (#""owner":"#, #""boss":1,"owner":"#), ("2027-06-01", "2027-13-01"),
      ("0.1.0", "1"), (#""0.991""#, "0.991"), (#""external""#, #""elsewhere""#), ("ab\"}", "AB\"}"),
      ("at full load", "\\u001b[31m"),
    ])
  func refused(_ from: String, _ to: String) {
    let text = Machine.cardText.replacing(from, with: to)
    #expect(text != Machine.cardText)
    #expect(throws: PackageError.self) { try PackageCard(json: Array(text.utf8), "card") }
  }

  @Test("it names the oldest Thrum that runs it")
  func leastThrum() throws {
    var card = try Machine.card
    card.leastThrum = "0.10.2"
    #expect(card.runs(on: "0.10.2") && card.runs(on: "1.0.0") && card.runs(on: "0.11.0-dev"))
    #expect(!card.runs(on: "0.9.9") && !card.runs(on: "0.10.1") && !card.runs(on: "unknown"))
  }
}
