import Foundation
import TestSupport
import Testing

/// What a shell completes.
@Suite struct CompletionTests {
  private func gateway() throws -> GatewayProcess {
    try GatewayProcess(Plant.configuration(broker: "mqtt://127.0.0.1:\(try freePort())"))
  }

  @Test("each program makes completions for three shells")
  func completions() throws {
    let gateway = try gateway()
    for program in ["thrum", "thrumd", "thrum-plane"] {
      for shell in ["bash", "zsh", "fish"] {
        let printed = try gateway.run(program, ["--generate-completion-script", shell])
        #expect(printed.status == 0 && printed.text.contains(program), "\(program) \(shell)")
      }
    }
  }

  @Test("bash is offered the points that the store has, and files where a file is wanted")
  func completed() throws {
    let broker = try Broker()
    let gateway = try GatewayProcess(Plant.configuration(broker: broker.url))
    try gateway.startConnected()
    try TestPublisher(port: broker.port).publish(Plant.topic("pump"), Plant.frame(1))
    #expect(gateway.eventually { $0.received == 1 } != nil)
    func offered(_ words: String) throws -> String {
      let script = """
        cd "$(dirname "$THRUM_CONFIG")"; PATH=$(dirname "$0"):$PATH; source <("$0" --generate-completion-script bash)
        COMP_WORDS=(thrum \(words) ""); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}
        _thrum thrum "" "${COMP_WORDS[COMP_CWORD - 1]}"; printf '%s\\n' "${COMPREPLY[@]}"
        """
      return try gateway.run("thrum", [], wrapper: ["bash", "-c", script]).text
    }
    #expect(try offered("show").contains("pump/de"))
    #expect(try offered("config check --config").contains("thrum.toml"))
  }
}
