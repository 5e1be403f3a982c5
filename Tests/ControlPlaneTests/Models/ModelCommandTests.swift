import Contracts
import Foundation
import TestSupport
import Testing

@testable import ControlPlane
@testable import ModelPackages

/// `thrum-plane`'s verbs for models as people meet them: files, exit codes, what is printed.
@Suite struct ModelCommandTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in ["anna", "ben", "data-owner", "security", "release", "operations"] {
      try expect("keys", "generate", "--name", name, "--out", folder.path("\(name).key"))
    }
  }

  private func plane(_ arguments: [String]) throws -> (text: String, status: Int32) {
    let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let program = URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("thrum-plane").path
    let output = folder.path("output-\(UUID().uuidString)")
    let environment = ["THRUM_PLANE_REPOSITORY": folder.path("repository"), "THRUM_PLANE_DB": folder.path("plane.db")]
    let status = try ChildProcess([program] + arguments, environment: environment, output: output).waitUntilExit()
    return (try contents(ofFile: output), status)
  }

  @discardableResult
  private func expect(_ arguments: String..., status: Int32 = 0) throws -> String {
    let said = try plane(arguments)
    #expect(said.status == status, "\(arguments.joined(separator: " ")): \(said.text)")
    return said.text
  }

  private func key(_ name: String) -> String { folder.path("\(name).key") }
  private func publicKey(_ name: String) -> String { folder.path("\(name).pub") }

  private func ceremony() throws {
    try expect(
      "keys", "root", "--root", publicKey("anna"), publicKey("ben"), "--root-threshold", "2", "--targets",
      publicKey("data-owner"), publicKey("security"), publicKey("release"), "--targets-threshold", "2", "--fleet",
      "demo=\(publicKey("operations"))")
    for name in ["anna", "ben", "data-owner", "operations"] { try expect("approve", "--as", name, "--key", key(name)) }
    #expect(try expect("approve", "--key", key("security")).contains("Visible now: fleet-demo, targets."))
  }

  private func package(_ version: String) throws -> String {
    let path = folder.path("pumps-\(version).thrum")
    try Data(try RepositorySite.bytes(version)).write(to: URL(fileURLWithPath: path))
    return path
  }

  @Test("from the ceremony to a rollout, a pause, a rollback; a person after the other, each act in the log")
  func wholeWay() throws {
    try ceremony()
    #expect(
      try expect("publish", try package("1.0.0"), "--golden", "--key", key("data-owner")).contains(
        "signed by data-owner, 2 needed"))
    #expect(try expect("rollout", "pumps", "1.0.0", status: 1).contains("waits for signatures"))
    try expect("approve", "--as", "release", "--key", key("release"))
    try expect("rollout", "pumps", "1.0.0", "--points", "pump-*/*", "!pump-9/*", "--share", "1", "--key", key("operations"))
    let models = try expect("models", "--json")
    for part in [#""is_golden":true"#, #""roc_auc":"0.991""#, #""share_ppm":10000"#, #""points":["pump-*/*","!pump-9/*"]"#] {
      #expect(models.contains(part), "\(models)")
    }
    #expect(try expect("pause", "pumps", "--key", key("operations")).contains("paused"))
    #expect(try expect("rollback", "pumps", "--key", key("operations")).contains("rollback"))
    #expect(try expect("retire", "pumps", "1.0.0", status: 1).contains("golden"))
    try expect("revoke", "pumps", "1.0.0", "--key", key("security"))
    try expect("approve", "--key", key("data-owner"))
    #expect(try expect("models").contains("revoked"))
    let log = try expect("audit", "--json").split(separator: "\n")
    #expect(log.count { $0.contains(#""act":"approve""#) } == 12)
    #expect(try expect("keys", "show").contains("data-owner, security, release"))
    for text in [try expect("models"), try expect("keys", "show")] {
      #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 }, "\(text)")
    }
  }

  @Test("a program of the key's owner signs; one that fails, or signs with another key, changes nothing")
  func externalSigner() throws {
    try ceremony()
    let script = try folder.write(
      """
      import json, sys
      from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
      secret = json.load(open(sys.argv[1]))["keyval"]["private"]
      print(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret)).sign(open(sys.argv[2], "rb").read()).hex())
      """, to: "sign.py")
    func signer(_ name: String) -> String { "\(repositoryRoot)/.venv/bin/python \(script) \(key(name))" }
    try expect("publish", try package("1.0.0"))
    try expect("approve", "--as", "security", "--signer", "false", status: 1)
    try expect("approve", "--as", "security", "--signer", signer("release"), status: 1)
    #expect(try expect("approve").contains("signed by nobody"))
    try expect("approve", "--as", "security", "--signer", signer("security"))
    #expect(try expect("approve", "--as", "release", "--signer", signer("release")).contains("Visible now: targets."))
  }

  @Test("enroll makes or takes a key; wrong usage ends with 2, what cannot be done with 1 and its name")
  func exitCodes() throws {
    #expect(try expect("enroll", "demo/gw-1", "--out", key("gw-1")).contains("is enrolled"))
    try expect("enroll", "demo/gw-1", "--expel")
    try expect("enroll", "demo/gw-2", "--public", publicKey("anna"))
    try expect("enroll", "demo", "--public", publicKey("anna"), status: 2)
    try expect("enroll", "demo/gw-1", status: 2)
    try expect("enroll", "demo/gw-1", "--public", key("anna"), status: 1)
    try expect("rollout", "pumps", "1", "--share", "101", status: 2)
    try expect("publish", folder.path("nothing"), status: 1)
    try expect("approve", "--as", "anna", "--key", key("anna"), status: 1)
    try expect("keys", "generate", "--name", "anna", "--out", key("anna"), status: 1)
    for verb in [
      "publish", "approve", "rollout", "pause", "rollback", "revoke", "retire", "models", "audit", "enroll", "export-repository",
    ] {
      let help = try expect(verb, "-h")
      #expect(help.contains("EXAMPLES"))
    }
  }
}
