import TestSupport
import Testing

@Suite("ARM64", .enabled(if: isThorough, "scripts/test --all installs a cross compiler and an emulator for it"))
struct ARMTests {
  @Test("the kernels compiled for ARM64 compute what they do here")
  func kernels() throws {
    let printed = try run([repositoryRoot + "/scripts/arm"])
    #expect(printed.contains("arm: 104 calls of 16 kernels"))
  }
}
