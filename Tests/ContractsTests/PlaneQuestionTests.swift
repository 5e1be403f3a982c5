import Contracts
import Signal
import Testing

@Suite struct PlaneQuestionTests {
  @Test(
    "a question names what it needs and nothing else",
    arguments: [
      (#"{"id":"a","what":"ledger"}"#, true), (#"{"id":"a","what":"evidence","event":"gw:1"}"#, true),
      (#"{"id":"a","what":"waveform","point":"pump/de"}"#, true), (#"{"id":"A","what":"ledger"}"#, false),
      (#"{"id":"a","what":"evidence"}"#, false), (#"{"id":"a","what":"ledger","event":"gw:1"}"#, false),
      (#"{"id":"a","what":"waveform","point":"pump"}"#, false), (#"{"id":"a","what":"waveform","point":"pump/"}"#, false),
      (#"{"id":"a","what":"waveform","event":"gw:1"}"#, false), (#"{"id":"a","what":"reboot"}"#, false), ("", false),
    ])
  func valid(text: String, isValid: Bool) {
    #expect(((try? PlaneQuestion.decode(Array(text.utf8))) != nil) == isValid)
  }
}
