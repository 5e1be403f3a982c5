import Testing

@testable import Agent

@Suite struct AskedQuestionsTests {
  @Test("a question is answered once; what could not be answered may be asked again")
  func once() {
    var questions = AskedQuestions()
    expect(questions.admit("a", at: 1), true)
    expect(questions.admit("a", at: 2), false)
    questions.forget("a")
    expect(questions.admit("a", at: 3), true)
  }

  @Test("sixty are answered in an hour, however many are asked, and one more a minute later")
  func pace() {
    var questions = AskedQuestions()
    let answered = (0..<500).filter { questions.admit("q\($0)", at: 10) }
    #expect(answered.count == AskedQuestions.mostAnHour)
    expect(questions.admit("later", at: 69), false)
    expect(questions.admit("later", at: 71), true)
  }
}
