import Configuration
import Contracts
import Glibc

/// Posts the notice to an `http://` address; an answer of 2xx means told. Plain POSIX: one blocking request now and then.
struct WebhookChannel: NoticeChannel {
  let url: WebhookURL
  var patienceSeconds = 10

  func send(_ notice: Notice, stopping: StopFlag) throws(NoticeError) {
    let body = JSON.encode(notice)
    let host = url.host.contains(":") ? "[\(url.host)]" : url.host
    let head =
      "POST \(url.path) HTTP/1.1\r\nHost: \(host):\(url.port)\r\nContent-Type: application/json\r\n"
      + "Content-Length: \(body.count)\r\nUser-Agent: thrum\r\nConnection: close\r\n\r\n"
    let descriptor = try connection()
    defer { close(descriptor) }
    try write(Array(head.utf8) + body, to: descriptor)
    let status = try status(from: descriptor)
    guard (200..<300).contains(status) else { throw problem("answered \(status)") }
  }

  private func problem(_ reason: String) -> NoticeError { NoticeError(description: "\(url): \(reason)") }
  private var systemReason: String {
    errno == EAGAIN ? "no answer within \(patienceSeconds) s" : String(cString: strerror(errno))
  }

  private func connection() throws(NoticeError) -> Int32 {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(url.host, "\(url.port)", &hints, &found)
    guard code == 0, let first = found else { throw problem(String(cString: gai_strerror(code))) }
    defer { freeaddrinfo(first) }
    var next: UnsafeMutablePointer<addrinfo>? = first
    var reason = "no address"
    while let address = next?.pointee {
      next = address.ai_next
      let descriptor = socket(address.ai_family, address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), address.ai_protocol)
      guard descriptor >= 0 else { continue }
      var limit = timeval(tv_sec: patienceSeconds, tv_usec: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
      setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
      if connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 { return descriptor }
      reason = errno == EINPROGRESS ? "no answer within \(patienceSeconds) s" : systemReason
      close(descriptor)
    }
    throw problem(reason)
  }

  private func write(_ bytes: [UInt8], to descriptor: Int32) throws(NoticeError) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress?.advanced(by: sent), $0.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 || errno == EINTR else { throw problem(systemReason) }
      sent += max(0, count)
    }
  }

  /// The status of the first line; what follows it is not read.
  private func status(from descriptor: Int32) throws(NoticeError) -> Int {
    var line: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 64)
    let end = MonotonicClock.preciseSeconds() + Double(patienceSeconds)
    while line.count < 13, MonotonicClock.preciseSeconds() < end {
      let count = recv(descriptor, &part, part.count, 0)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw problem(count == 0 ? "closed without an answer" : systemReason) }
      line += part.prefix(count)
    }
    let words = String(decoding: line.prefix(16), as: UTF8.self).split(separator: " ")
    guard words.count > 1, words[0].hasPrefix("HTTP/1."), let status = Int(words[1].prefix(3)) else {
      throw problem("the answer is no HTTP")
    }
    return status
  }
}
