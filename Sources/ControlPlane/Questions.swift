import Contracts
import FoundationEssentials
import ModelPackages
import Signal

/// What people want gateways to be asked, a small file each beside the plane's database: whoever asks need not be the process that serves,
/// and only that one writes the database.
package struct Questions: Sendable {
  package struct Question: Sendable, Codable, Equatable {
    package var fleet: String
    package var gateway: String
    package var question: PlaneQuestion

    package init(fleet: String, gateway: String, question: PlaneQuestion) {
      (self.fleet, self.gateway, self.question) = (fleet, gateway, question)
    }
  }

  private let folder: String
  package static let most = 256

  /// - Parameter database: the plane's file.
  package init(database: String) { folder = database + ".questions" }

  package func add(_ question: Question) throws(PlaneError) {
    guard try all().count < Self.most else {
      throw PlaneError(
        "ask", question.gateway, reason: "\(Self.most) questions wait already", remedy: "is `thrum-plane serve` running?")
    }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try DurableFile.write(JSON.encode(question), to: path(question.question.id))
    } catch { throw PlaneError("write", folder, reason: "\(error)", remedy: "may this user write beside the database?") }
  }

  /// What waits, by id; a file that cannot be read is none.
  package func all() throws(PlaneError) -> [Question] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".json") }.sorted().prefix(Self.most).compactMap { name in
      guard let bytes = try? DurableFile.read("\(folder)/\(name)", maxBytes: PlaneQuestion.maxBytes),
        let question = try? JSON.decode(Question.self, from: bytes), question.question.isValid,
        name == "\(question.question.id).json"
      else { return nil }
      return question
    }
  }

  func remove(_ id: String) { try? DurableFile.remove(path(id)) }

  private func path(_ id: String) -> String { "\(folder)/\(id).json" }
}

/// Asks what waits: soon, again whenever its gateway says hello, and hourly. What a gateway has answered is forgotten.
struct QuestionCrier {
  private let questions: Questions
  private var askedAt: [String: Double] = [:]
  private var nextLook = -Double.infinity

  private static let repeatSeconds = 3600.0

  init(_ questions: Questions) { self.questions = questions }

  /// It may have missed what was asked.
  mutating func greeted(_ gateway: PlaneTopics) {
    askedAt = askedAt.filter { !$0.key.hasPrefix(Self.prefix(gateway)) }
    nextLook = -.infinity
  }

  mutating func answered(_ id: String) {
    questions.remove(id)
    askedAt = askedAt.filter { !$0.key.hasSuffix("/\(id)") }
  }

  /// - Parameters:
  ///   - now: seconds since 1970.
  ///   - say: publishes.
  mutating func tend(at now: Double, say: (String, [UInt8]) -> Void) {
    guard now >= nextLook || now < nextLook - 2 else { return }
    nextLook = now + 1
    for waiting in (try? questions.all()) ?? [] {
      guard let gateway = PlaneTopics(fleet: waiting.fleet, gateway: waiting.gateway) else { continue }
      let key = Self.prefix(gateway) + waiting.question.id
      guard abs(now - askedAt[key, default: -.infinity]) >= Self.repeatSeconds else { continue }
      askedAt[key] = now
      say(gateway.ask, waiting.question.encoded)
    }
    if askedAt.count > 4 * Questions.most { askedAt = [:] }
  }

  private static func prefix(_ gateway: PlaneTopics) -> String { "\(gateway.fleet)/\(gateway.gateway)/" }
}
