import ArgumentParser
import Terminal

/// Measures Thrum's own kernels, and stands beside other programs on the work of bench/WORK.md.
struct ThrumBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "thrum-bench",
    abstract: "Measure thrum's kernels, alone and on the work of bench/WORK.md.",
    discussion: """
      EXAMPLES
        thrum-bench contender --port 1883 --qos 1 --model bench/golden/model.bin --db /tmp/events.db
        thrum-bench contender --golden --model bench/golden/model.bin --frames bench/golden/frames.f32 --out /tmp/out.f32
        thrum-bench micro --model bench/golden/model.bin --frames bench/golden/frames.f32
        thrum-bench models --out /tmp
      """,
    version: "thrum-bench \(version)",
    subcommands: [Contender.self, Micro.self, Models.self, Replay.self])
}

@main
enum Main {
  static func main() { Program.main(ThrumBench.self) }
}
