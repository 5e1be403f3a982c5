import Foundation
import Signal
import TestSupport

@testable import Anomaly
@testable import ControlPlane
@testable import ModelPackages

/// A plane's repository and the people who sign for it: three for root, three for targets, two of each needed; one for each fleet.
final class RepositorySite {
  let folder: TemporaryFolder
  let repository: PlaneRepository
  let root: [SigningKey]
  let targets: [SigningKey]
  let operations: SigningKey
  /// What the plane's clock says.
  var now = UnixTime(seconds: Date().timeIntervalSince1970)

  init(begun: Bool = true, fleets: [String] = ["demo"]) throws {
    folder = try TemporaryFolder()
    repository = PlaneRepository(folder.path("repository"))
    root = try ["anna", "ben", "carl"].map { try SigningKey(name: $0) }
    targets = try ["data-owner", "security", "release"].map { try SigningKey(name: $0) }
    operations = try SigningKey(name: "operations")
    guard begun else { return }
    let signers = RepositoryEditor.Signers([operations.key], threshold: 1)
    try edit { editor in
      try editor.begin(
        root: .init(root.map(\.key), threshold: 2), targets: .init(targets.map(\.key), threshold: 2),
        fleets: Dictionary(uniqueKeysWithValues: fleets.map { ($0, signers) }))
    }
    try approve(root[0], root[1], targets[0], targets[1], operations)
  }

  @discardableResult
  func edit<Result>(_ body: (RepositoryEditor) throws -> Result) throws -> Result {
    try body(try RepositoryEditor(repository, by: "tester", at: now))
  }

  /// - Returns: the roles that became visible.
  @discardableResult
  func approve(_ keys: SigningKey...) throws -> [UTF8Text] {
    try edit { editor in
      for key in keys { _ = try editor.approve(as: key.key.name, key) }
      return try editor.release()
    }
  }

  /// A package, published and signed for.
  @discardableResult
  func publish(_ version: String, golden: Bool = false, windowSamples: Int = 64) throws -> ModelPackage {
    let package = try Self.package(version, windowSamples: windowSamples)
    _ = try edit { try $0.publish(package: Self.bytes(version, windowSamples: windowSamples), isGolden: golden) }
    try approve(targets[0], targets[2])
    return package
  }

  @discardableResult
  func roll(_ version: String?, share: Int64? = nil, state: Rollout.State = .running, halt: String? = nil) throws -> Rollout {
    var wish = RepositoryEditor.Wish()
    (wish.version, wish.sharePPM, wish.state) = (version, share, state)
    let rollout = try edit { try $0.roll("pumps", in: "demo", wish) { _ in halt } }
    try approve(operations)
    return rollout
  }

  // MARK: packages

  static func package(_ version: String, windowSamples: Int = 64) throws -> ModelPackage {
    try ModelPackage(try bytes(version, windowSamples: windowSamples))
  }

  /// 64 golden windows of nothing: a package of about 520 bytes for each sample of a window.
  static func bytes(_ version: String, windowSamples: Int = 64) throws -> [UInt8] {
    let shape = ModelShape(windowSamples: windowSamples, sampleRateHz: 2560, unit: .gravity, featureNames: [])
    var chain = try LayerChain(inputs: windowSamples)
    try chain.append(.elementwise(.multiply, [0]))
    let model = DeliveredModel.imported(
      try ImportedModel(input: .window, shape: shape, parts: try ImportedParts(before: chain), limit: 1))
    var random = SplitMix64(seed: UInt64(version.utf8.reduce(7) { $0 &* 31 &+ Int($1) }))
    let golden = (0..<64).map { index in
      let samples = (0..<windowSamples).map { _ in Float(random.uniform()) }
      return GoldenVector(kind: index == 0 ? .faulty : .healthy, samples: samples, values: samples, score: index == 0 ? 4 : 0.3)
    }
    return ModelPackage.encoded(
      try PackageCard(json: Array(card(version).utf8), "card"), PackageLimits(), FeatureContract(model), model.encoded(), golden)
  }

  private static func card(_ version: String) -> String {
    #"""
    {"format":1,"model":"pumps","version":"\#(version)","purpose":"Cooling water pumps","owner":"Condition monitoring",
     "contact":"cm@example.com","licence":"Apache-2.0","review_by":"2027-06-01","least_thrum":"0.1.0",
     "limits":["only at full load"],"known_failure_modes":["cavitation"],
     "training_data":{"description":"three pumps, a month","sha256":"\#(String(repeating: "ab", count: 32))"},
     "metrics":{"test":{"roc_auc":"0.991"}}}
    """#
  }

  // MARK: judges

  /// A gateway just installed: our client over the files, from the first root.
  func client(store: any MetadataStore = KeptMetadata([:]), root: [UInt8]? = nil) throws -> Updater {
    let installed = try root ?? repository.metadata("1.root.json")
    let repository = repository
    return try Updater(store: store, initialRoot: installed, time: ReferenceTime(clock: now, floor: now)) {
      request throws(TrustError) in try repository.metadata(request.fileName)
    }
  }

  /// What python-tuf says: its versions and targets as JSON, or its reason.
  func pythonTUF(_ targets: String...) throws -> String {
    try run(
      ["\(repositoryRoot)/.venv/bin/python", "\(repositoryRoot)/scripts/golden/tuf_plane.py", repository.folder] + targets)
  }
}
