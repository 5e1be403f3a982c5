import Configuration
import Contracts
import FoundationEssentials
import Glibc

/// The key that evidence is sealed with: the file that the configuration names, or the unit's credential `evidence.key` (systemd.exec(5),
/// `LoadCredentialEncrypted`), as 32 raw bytes or as 64 hexadecimal digits.
enum EvidenceKey {
  static func read(_ evidence: ThrumConfig.Evidence) throws(EvidenceKeyError) -> [UInt8]? {
    guard let path = evidence.keyFile ?? credential else { return nil }
    guard let data = try? Data(contentsOf: URL(filePath: path)), data.count <= 256 else {
      throw EvidenceKeyError(path: path, reason: "it cannot be read")
    }
    guard let key = WaveformBox.key([UInt8](data)) else {
      throw EvidenceKeyError(path: path, reason: "expected \(WaveformBox.keyBytes) bytes, or as many in hexadecimal")
    }
    return key
  }

  private static var credential: String? {
    guard let folder = getenv("CREDENTIALS_DIRECTORY") else { return nil }
    let path = String(cString: folder) + "/evidence.key"
    return access(path, F_OK) == 0 ? path : nil
  }
}

struct EvidenceKeyError: Error, CustomStringConvertible {
  let path: String
  let reason: String

  var description: String { "read the key of evidence \(path): \(reason); `openssl rand -out FILE 32` makes one" }
}
