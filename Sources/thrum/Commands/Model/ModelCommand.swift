import ArgumentParser

struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model",
    abstract: "Learn models from recordings, look into them, score with them, trade them as ONNX.",
    discussion: """
      EXAMPLES
        thrum model learn healthy.f32 --rate 12000 --unit g -o pump.model
        thrum model score pump.model today.f32 --rate 12000 --unit g
        thrum model inspect pump.model
        thrum model export pump.model -o pump.onnx
        thrum model import forest.onnx --input features --window 4096 --rate 12000 --unit g -o forest.model
      """,
    // THE LIST
    subcommands: [ModelLearn.self, ModelScore.self, ModelInspect.self, ModelExport.self, ModelImport.self, ModelBring.self])
}
