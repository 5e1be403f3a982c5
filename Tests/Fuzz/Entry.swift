import Glibc

/// The target that `THRUM_FUZZ` names.
private let target: FuzzTarget = {
  let name = getenv("THRUM_FUZZ").map { String(cString: $0) } ?? ""
  guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
    FuzzTarget.all.forEach { print($0.name) }
    exit(name.isEmpty ? 0 : 2)
  }
  return target
}()

/// Called once by libFuzzer. Without a target: lists them and exits. With `THRUM_FUZZ_SEEDS`: writes the seeds there and exits.
@_cdecl("LLVMFuzzerInitialize")
func initialize(_ count: UnsafeMutableRawPointer?, _ arguments: UnsafeMutableRawPointer?) -> CInt {
  _ = target.name
  guard let folder = getenv("THRUM_FUZZ_SEEDS").map({ String(cString: $0) }) else { return 0 }
  for (index, seed) in target.seeds().enumerated() {
    write(seed, to: "\(folder)/seed-\(index)")
    write(repeated(seed), to: "\(folder)/large-\(index)")
  }
  exit(0)
}

/// Called by libFuzzer with every input.
@_cdecl("LLVMFuzzerTestOneInput")
func readOne(_ bytes: UnsafeRawPointer?, _ count: Int) -> CInt {
  let input = UnsafeRawBufferPointer(start: bytes, count: count)
  guard grows(input), !target.mayGrow else { return 0 }
  // What is made once and kept is no growth: it must come again and again.
  for _ in 0..<8 where !grows(input) { return 0 }
  preconditionFailure("every reading leaves memory behind")
}

private func grows(_ input: UnsafeRawBufferPointer) -> Bool {
  let before = liveBytes()
  target.read(input)
  return liveBytes() > before
}

/// Bytes allocated and not yet freed, as AddressSanitizer's allocator counts them.
@_silgen_name("__sanitizer_get_current_allocated_bytes")
private func liveBytes() -> Int

/// For what takes longer than its length.
private func repeated(_ seed: [UInt8]) -> [UInt8] {
  let times = seed.isEmpty ? 0 : target.largeBytes / seed.count
  return (0..<times).flatMap { _ in seed }
}

private func write(_ bytes: [UInt8], to path: String) {
  guard let file = fopen(path, "we"), fwrite(bytes, 1, bytes.count, file) == bytes.count, fclose(file) == 0 else {
    print("cannot write \(path): \(String(cString: strerror(errno)))")
    exit(1)
  }
}
