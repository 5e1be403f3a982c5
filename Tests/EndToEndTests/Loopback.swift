import Foundation
import Glibc
import TestSupport

/// Asks a listener on loopback as a program does that reads whatever comes.
enum Loopback {
  struct Answer {
    let status: Int
    let text: String
    /// What follows the head.
    let body: String
  }

  /// `nil` when nobody answers.
  static func ask(_ port: UInt16, _ method: String, _ path: String, _ headers: [String] = [], body: String = "") -> Answer? {
    guard let socket = try? Socket(connectingTo: port) else { return nil }
    let lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Content-Length: \(body.utf8.count)"] + headers
    guard (try? socket.send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8))) != nil else { return nil }
    var bytes: [UInt8] = []
    while let byte = socket.receive(1) { bytes += byte }
    let text = String(decoding: bytes, as: UTF8.self)
    guard let status = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
    return Answer(
      status: status, text: text, body: text.components(separatedBy: "\r\n\r\n").dropFirst().joined(separator: "\r\n\r\n"))
  }

  /// Addresses and ports that a process listens on, as `0100007F:2119` (proc(5), net/tcp).
  static func listeners(of process: Int32) -> Set<String> {
    let folder = "/proc/\(process)/fd"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let inodes = Set(
      names.compactMap { name -> String? in
        let target = (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)")) ?? ""
        return target.hasPrefix("socket:[") ? String(target.dropFirst(8).dropLast()) : nil
      })
    var found: Set<String> = []
    for file in ["tcp", "tcp6", "udp", "udp6"] {
      let text = (try? contents(ofFile: "/proc/\(process)/net/\(file)")) ?? ""
      for line in text.split(separator: "\n").dropFirst() {
        let words = line.split(separator: " ").map(String.init)
        // 0A: LISTEN; 07: an unconnected UDP socket.
        if words.count > 9, ["0A", "07"].contains(words[3]), inodes.contains(words[9]) { found.insert(words[1]) }
      }
    }
    return found
  }
}
