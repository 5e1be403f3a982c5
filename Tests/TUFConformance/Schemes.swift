import Crypto
import Glibc
import ModelPackages

/// ECDSA over P-256 with SHA-256; the key is PEM, the signature DER.
struct P256Signature: SignatureScheme {
  func verifies(_ key: PublicKey) -> Bool {
    key.scheme == "ecdsa-sha2-nistp256" && ["ecdsa", "ecdsa-sha2-nistp256"].contains(key.keyType)
  }

  func isValid(_ signature: [UInt8], by key: PublicKey, over payload: [UInt8]) -> Bool {
    guard let key = try? P256.Signing.PublicKey(pemRepresentation: key.value.string),
      let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature)
    else { return false }
    return key.isValidSignature(signature, for: payload)
  }
}

/// RSA by the `openssl` program: PSS with any salt, and PKCS #1 v1.5, both with SHA-256.
struct OpenSSLSignature: SignatureScheme {
  func verifies(_ key: PublicKey) -> Bool {
    key.keyType == "rsa" && ["rsassa-pss-sha256", "rsa-pkcs1v15-sha256"].contains(key.scheme)
  }

  func isValid(_ signature: [UInt8], by key: PublicKey, over payload: [UInt8]) -> Bool {
    var template = Array("/tmp/thrum-tuf-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { return false }
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let files = ["key", "signature", "payload"].map { "\(folder)/\($0)" }
    defer {
      files.forEach { unlink($0) }
      rmdir(folder)
    }
    guard zip(files, [key.value.bytes, signature, payload]).allSatisfy(write) else { return false }
    let padding =
      key.scheme == "rsassa-pss-sha256" ? ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:auto"] : []
    return run(["openssl", "dgst", "-sha256", "-verify", files[0], "-signature", files[1]] + padding + [files[2]])
  }

  private func write(_ path: String, _ bytes: [UInt8]) -> Bool {
    guard let file = fopen(path, "we") else { return false }
    defer { fclose(file) }
    return fwrite(bytes, 1, bytes.count, file) == bytes.count
  }

  private func run(_ arguments: [String]) -> Bool {
    let pointers = arguments.map { strdup($0) }
    defer { pointers.forEach { free($0) } }
    var process: pid_t = 0
    var status: Int32 = 0
    guard posix_spawnp(&process, arguments[0], nil, nil, pointers + [nil], environ) == 0, waitpid(process, &status, 0) == process
    else {
      return false
    }
    return status == 0
  }
}
