import Glibc
import ModelPackages

/// The packages kept on disk, `models/<digest>.thrum` in the state folder: whole, or not there.
struct PackageShelf: Sendable {
  let folder: String

  init(stateFolder: String) { folder = stateFolder + "/models" }

  func path(_ digest: String) -> String { "\(folder)/\(digest).thrum" }

  /// Takes a copy of what lies at `source`; nothing is believed of it yet.
  /// - Throws: also when its bytes are not those of the digest.
  func keep(_ source: String, digest: String) throws(PackageError) {
    if (try? bytes(digest)) != nil { return }
    let bytes = try read(source)
    let actual = ModelPackage.digest(of: bytes)
    guard actual == digest else { throw PackageError(.digest, "package", "its digest is \(actual), expected \(digest)") }
    mkdir(folder, 0o750)
    do throws(TrustError) { try DurableBytes.write(bytes, to: path(digest)) } catch {
      throw PackageError(.storage, "package", error.description)
    }
  }

  /// - Throws: when it is not there, or is damaged.
  func load(_ digest: String) throws(PackageError) -> ModelPackage { try ModelPackage(try bytes(digest)) }

  /// A package anywhere on this machine.
  func look(at path: String) throws(PackageError) -> ModelPackage { try ModelPackage(try read(path)) }

  private func bytes(_ digest: String) throws(PackageError) -> [UInt8] {
    let bytes = try read(path(digest))
    guard ModelPackage.digest(of: bytes) == digest else { throw PackageError(.digest, "package", "damaged on this disk") }
    return bytes
  }

  private func read(_ path: String) throws(PackageError) -> [UInt8] {
    let bytes: [UInt8]?
    do throws(TrustError) { bytes = try DurableBytes.read(path, maxBytes: ModelPackage.mostBytes + 1) } catch {
      throw PackageError(.storage, "package", error.description)
    }
    guard let bytes else { throw PackageError(.storage, "package", "there is no file \(path)") }
    guard bytes.count <= ModelPackage.mostBytes else {
      throw PackageError(.tooLarge, "package", "more than \(ModelPackage.mostBytes) bytes")
    }
    return bytes
  }

  /// Removes every package but these.
  func sweep(keeping digests: Set<String>) {
    guard let directory = opendir(folder) else { return }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) { String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self)) }
      )
    }
    for name in names where name.hasSuffix(".thrum") && !digests.contains(String(name.dropLast(6))) {
      unlink("\(folder)/\(name)")
    }
  }
}
