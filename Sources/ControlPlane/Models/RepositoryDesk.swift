import Contracts
import Glibc
import ModelPackages

/// Answers gateways' questions for parts of the repository's files. It reads, whatever is asked; what may be trusted is the gateway's to judge.
package struct RepositoryDesk: Sendable {
  let repository: PlaneRepository

  package init(_ repository: PlaneRepository) { self.repository = repository }

  /// - Parameter held: digests of packages that are halted in the gateway's fleet.
  package func answer(_ request: ChunkRequest, from gateway: PlaneTopics, held: Set<String> = []) -> ChunkResponse {
    guard let file = Self.file(request.path, for: gateway.fleet) else { return refusal(request, .refused) }
    if let digest = file.digest, held.contains(digest) { return refusal(request, .held) }
    guard let part = Part(repository.path(request.path), request, digest: file.digest),
      request.sha256 == nil || request.sha256 == part.sha256
    else { return refusal(request, .notFound) }
    let header = ChunkHeader(
      path: request.path, sha256: part.sha256, total: part.total, offset: request.offset, status: .ok)
    return ChunkResponse(header, bytes: part.bytes)
  }

  private func refusal(_ request: ChunkRequest, _ status: ChunkHeader.Status) -> ChunkResponse {
    ChunkResponse(ChunkHeader(path: request.path, sha256: request.sha256, total: 0, offset: 0, status: status))
  }

  /// `nil` for a path that leads out of what gateways of that fleet may see.
  private static func file(_ path: String, for fleet: String) -> (name: String, digest: String?)? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let isPlain = parts.allSatisfy { part in
      !part.isEmpty && !part.hasPrefix(".") && part.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }
    }
    guard isPlain, parts.count >= 2, let name = parts.last else { return nil }
    switch parts[0] {
    case "metadata":
      guard parts.count == 2, name.hasSuffix(".json") else { return nil }
      if let role = name.split(separator: ".").dropFirst().first, role.hasPrefix("fleet-"), role != "fleet-\(fleet)" {
        return nil
      }
      return (name, nil)
    case "targets":
      if parts[1] == "fleet", parts.count < 4 || parts[2] != fleet { return nil }
      return (name, name.split(separator: ".").first.map(String.init))
    default: return nil
    }
  }

  /// What the file has of what is asked for.
  private struct Part {
    var total: Int64
    var bytes: [UInt8]
    var sha256: String

    /// `nil` when there is no such file, or not so much of it.
    init?(_ path: String, _ request: ChunkRequest, digest: String?) {
      let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
      guard file >= 0 else { return nil }
      defer { close(file) }
      var attributes = stat()
      guard fstat(file, &attributes) == 0, attributes.st_mode & S_IFMT == S_IFREG, request.offset <= attributes.st_size else {
        return nil
      }
      total = Int64(attributes.st_size)
      guard let bytes = Self.read(file, request.offset, request.length) else { return nil }
      self.bytes = bytes
      // Targets are named by their digests; metadata is small.
      if let digest {
        sha256 = digest
      } else {
        guard total <= PlaneRepository.maxMetadataBytes, let all = Self.read(file, 0, Int(total)) else { return nil }
        sha256 = MetadataForm.sha256(all)
      }
    }

    private static func read(_ file: Int32, _ offset: Int64, _ length: Int) -> [UInt8]? {
      var failed = false
      let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
        while count < length {
          let read = pread(file, buffer.baseAddress.map { $0 + count }, length - count, off_t(offset) + off_t(count))
          if read < 0, errno == EINTR { continue }
          failed = read < 0
          if read <= 0 { break }
          count += read
        }
      }
      return failed ? nil : bytes
    }
  }
}
