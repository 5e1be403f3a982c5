import ArgumentParser

struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model",
    abstract: "Learn models from recordings, look into them, score with them, trade them as ONNX, package them for gateways.",
    discussion: """
      What travels to gateways is a package: the model with golden windows, a card and limits (docs/MODELS.md).

      EXAMPLES
        thrum model learn healthy.f32 --rate 12000 --unit g -o pump.model
        thrum model score pump.model today.f32 --rate 12000 --unit g
        thrum model inspect pump.model
        thrum model export pump.model -o pump.onnx
        thrum model import forest.onnx --input features --window 4096 --rate 12000 --unit g -o forest.model
        thrum model package pump.model --card card.json --golden-healthy ok.f32 --golden-faulty bad.f32 --unit g --rate 12000 -o pump.thrum
        thrum model verify pump.thrum
        thrum model replay new.thrum --against pump.thrum today.f32 --unit g --rate 12000
      """,
    // THE LIST
    subcommands: [
      ModelLearn.self, ModelScore.self, ModelInspect.self, ModelExport.self, ModelImport.self, ModelPack.self, ModelVerify.self,
      ModelDiff.self, ModelReplay.self, ModelInstall.self, ModelBring.self,
    ])
}
