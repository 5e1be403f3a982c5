import CMosquitto
import Glibc

/// Owns one libmosquitto client (2.0); a new connection is a new handle.
///
/// libmosquitto queues a PUBACK before it hands us the message. Threaded mode without its thread makes it leave all sending to
/// `mosquitto_loop_write`, so nothing is acknowledged before `write()` is called.
/// Used by one thread at a time: a `ConnectAttempt` has it first, then the session.
final class MosquittoHandle: @unchecked Sendable {
  var inbox = Inbox()
  /// Messages read on this connection whose PUBACK waits for a commit.
  private(set) var unacknowledged = 0

  private let client: OpaquePointer
  private let endpoint: MQTTEndpoint
  private let options: MQTTSession.Options
  private let version: ProtocolVersion
  private let nameBytes: Int
  /// The problem at hand is one that has a name: what is logged later says less.
  private var isCauseKnown = false

  init(_ endpoint: MQTTEndpoint, _ options: MQTTSession.Options, _ version: ProtocolVersion) throws(MQTTError) {
    guard Self.library == 0, let client = mosquitto_new(options.clientID, options.kind == .plane, nil) else {
      throw MQTTError("start", "client \(options.clientID)", reason: String(cString: strerror(errno)))
    }
    self.client = client
    (self.endpoint, self.options, self.version) = (endpoint, options, version)
    nameBytes = options.clientID.utf8.count
    mosquitto_user_data_set(client, Unmanaged.passUnretained(self).toOpaque())
    mosquitto_threaded_set(client, true)
    setCallbacks()
    try configure()
  }

  /// Frees what is queued and closes the socket; sends nothing.
  deinit {
    mosquitto_log_callback_set(client, nil)
    mosquitto_destroy(client)
  }

  /// Once for the process; never undone, because an attempt may outlive its session.
  private static let library = mosquitto_lib_init()

  // MARK: the loop

  /// The one place that sends. A write with frames read and not committed would acknowledge them: that would be our own bug.
  func write() {
    precondition(unacknowledged == 0, "writing now would acknowledge \(unacknowledged) frames that are not committed")
    end(unless: mosquitto_loop_write(client, 1))
  }

  /// Takes one packet, or as much of it as has come.
  /// - Returns: whether to call again before polling: bytes may wait in the socket or, unseen by `poll`, in OpenSSL.
  func read() -> Bool {
    let before = inbox.progress
    clearErrno()
    let code = mosquitto_loop_read(client, 1)
    let isDry = errno == EAGAIN
    end(unless: code)
    // Until the broker has greeted us OpenSSL holds nothing back, and a broken handshake never says EAGAIN.
    return isOpen && inbox.greeting != nil && (inbox.progress != before || !isDry)
  }

  /// What was read is committed: its PUBACKs may leave.
  func settle() { unacknowledged = 0 }

  /// Asks whether the broker is still there, when it is time; ends the connection when it is not.
  func keepAlive() { end(unless: mosquitto_loop_misc(client)) }

  /// -1 without a connection.
  var descriptor: Int32 { mosquitto_socket(client) }
  var isOpen: Bool { inbox.end == nil && descriptor >= 0 }
  var wantsWrite: Bool { mosquitto_want_write(client) }

  // MARK: requests, queued until the next write

  /// - Returns: the number of the request; nil when the topic is no filter.
  func subscribe(to subscription: MQTTSession.Subscription) -> Int32? {
    var id: Int32 = 0
    // Retained messages that an existing subscription has had before are not sent again.
    let retained = options.kind == .plant ? MQTT_SUB_OPT_SEND_RETAIN_NEW : MQTT_SUB_OPT_SEND_RETAIN_ALWAYS
    let code = mosquitto_subscribe_v5(client, &id, subscription.topic, Int32(subscription.qos), Int32(retained.rawValue), nil)
    return code == 0 ? id : nil
  }

  func publish(_ payload: [UInt8], to topic: String, qos: Int, retain: Bool) throws(MQTTError) -> Int32 {
    var id: Int32 = 0
    let code = payload.withUnsafeBytes {
      mosquitto_publish(client, &id, topic, Int32($0.count), $0.baseAddress, Int32(qos), retain)
    }
    guard code == 0 else { throw MQTTError("publish to", topic, reason: words(for: code)) }
    return id
  }

  func sayGoodbye() { _ = mosquitto_disconnect(client) }

  // MARK: connecting

  /// Blocks for name look-up, TCP and the first step of TLS.
  /// - Returns: why there is no connection; nil when CONNECT waits to be written.
  func connect() -> String? {
    var properties: OpaquePointer?
    defer { mosquitto_property_free_all(&properties) }
    if version == .v5 {
      if options.kind == .plant {
        mosquitto_property_add_int32(&properties, Int32(MQTT_PROP_SESSION_EXPIRY_INTERVAL.rawValue), options.sessionExpirySeconds)
      }
      mosquitto_property_add_int32(&properties, Int32(MQTT_PROP_MAXIMUM_PACKET_SIZE.rawValue), Self.maximumPacketBytes)
    }
    let code = mosquitto_connect_bind_v5(
      client, endpoint.host, Int32(endpoint.port), Int32(endpoint.keepaliveSeconds), nil, properties)
    return code == 0 ? nil : words(for: code)
  }

  /// Well above `maxPayloadBytes`, so that what is too large for us arrives and is counted.
  private static let maximumPacketBytes: UInt32 = 16 << 20

  private func configure() throws(MQTTError) {
    let protocolVersion = version == .v5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311
    try check(mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, protocolVersion))
    try check(mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1))
    try check(mosquitto_int_option(client, MOSQ_OPT_RECEIVE_MAXIMUM, Int32(min(options.batchFrames, 65_535))))
    try check(mosquitto_username_pw_set(client, endpoint.username, endpoint.password))
    if endpoint.isEncrypted {
      do { try configureTLS() } catch { throw named(error) }
    }
    if let will = options.will {
      let code = will.payload.withUnsafeBytes {
        mosquitto_will_set(client, will.topic, Int32($0.count), $0.baseAddress, Int32(will.qos), will.retain)
      }
      try check(code)
    }
  }

  private func configureTLS() throws(MQTTError) {
    for file in [endpoint.caFile, endpoint.certFile, endpoint.keyFile].compactMap({ $0 }) where access(file, R_OK) != 0 {
      throw MQTTError("read", file, reason: String(cString: strerror(errno)))
    }
    let systemFolder = endpoint.caFile == nil ? "/etc/ssl/certs" : nil
    try check(mosquitto_tls_set(client, endpoint.caFile, systemFolder, endpoint.certFile, endpoint.keyFile, nil))
  }

  /// The library's log knew more than its answer.
  private func named(_ error: MQTTError) -> MQTTError {
    inbox.problem.map { MQTTError(error.operation, error.object, reason: "TLS: \($0)") } ?? error
  }

  private func check(_ code: Int32) throws(MQTTError) {
    if code != 0 { throw MQTTError("connect to", "\(endpoint)", reason: words(for: code)) }
  }

  // MARK: words

  /// The first reason stands.
  func end(because reason: @autoclosure () -> String) {
    if inbox.end == nil { inbox.end = reason() }
  }

  private func end(unless code: Int32) {
    if code != 0 { end(because: words(for: code)) }
  }

  private func words(for code: Int32) -> String {
    let error = errno
    switch mosq_err_t(code) {
    case MOSQ_ERR_EAI: return "look up \(endpoint.host): \(String(cString: gai_strerror(error)))"
    case MOSQ_ERR_CONN_LOST, MOSQ_ERR_NO_CONN: return endpoint.isEncrypted ? inbox.problem.map { "TLS: \($0)" } ?? closed : closed
    case MOSQ_ERR_KEEPALIVE: return "the broker is silent: no answer to a ping within \(endpoint.keepaliveSeconds) s"
    // A broker that hangs up after the handshake is seen as an end, a reset or a failed write: whichever comes first.
    case MOSQ_ERR_ERRNO where endpoint.isEncrypted && inbox.greeting == nil && [ECONNRESET, EPIPE].contains(error): return closed
    case MOSQ_ERR_ERRNO where error != EPROTO && error != 0: return String(cString: strerror(error)).lowercased()
    case MOSQ_ERR_ERRNO, MOSQ_ERR_TLS: return inbox.problem.map { "TLS: \($0)" } ?? closed
    default: return inbox.problem ?? String(cString: mosquitto_strerror(code))
    }
  }

  /// A TLS port hangs up on whoever greets it in plain words; one that wants a certificate on whoever has none (TLS 1.3 says so only
  /// after the handshake, which libmosquitto does not read).
  private var closed: String {
    guard inbox.greeting == nil else { return "the broker closed the connection" }
    if !endpoint.isEncrypted { return "the broker closed the connection without an answer; does its port expect TLS (mqtts://)?" }
    let cause = endpoint.certFile == nil ? TLSCause.ownCertificateMissing : .ownCertificateRefused
    return "the broker closed the connection without an answer: \(cause.words)"
  }

  /// What the broker's answer code means.
  func words(forAnswer code: Int) -> String {
    let text = version == .v5 ? mosquitto_reason_string(Int32(code)) : mosquitto_connack_string(Int32(code))
    return "\(text.map { String(cString: $0) } ?? "refused") (code \(code))"
  }
}

// MARK: - callbacks: find the owner, decode, append

extension MosquittoHandle {
  private func setCallbacks() {
    mosquitto_log_callback_set(client) { _, owner, level, line in
      MosquittoHandle.of(owner) { $0.logged(line, level: level) }
    }
    mosquitto_message_callback_set(client) { _, owner, message in
      MosquittoHandle.of(owner) { $0.received(message) }
    }
    mosquitto_connect_v5_callback_set(client) { _, owner, code, flags, properties in
      MosquittoHandle.of(owner) { $0.greeted(code: code, flags: flags, properties: properties) }
    }
    mosquitto_disconnect_v5_callback_set(client) { _, owner, code, _ in
      MosquittoHandle.of(owner) { $0.disconnected(code: code) }
    }
    mosquitto_subscribe_callback_set(client) { _, owner, id, count, codes in
      MosquittoHandle.of(owner) {
        let codes = UnsafeBufferPointer(start: codes, count: Int(count)).map { Int($0) }
        $0.inbox.subscriptionAnswers.append((id, codes))
      }
    }
    mosquitto_publish_v5_callback_set(client) { _, owner, id, code, _ in
      MosquittoHandle.of(owner) { $0.inbox.publishAnswers.append((id, Int(code))) }
    }
  }

  /// Ends with errno cleared: what the callback left there would make libmosquitto stop with bytes still inside OpenSSL.
  private static func of(_ owner: UnsafeMutableRawPointer?, _ body: (MosquittoHandle) -> Void) {
    guard let owner else { return }
    let handle = Unmanaged<MosquittoHandle>.fromOpaque(owner).takeUnretainedValue()
    handle.inbox.progress += 1
    body(handle)
    clearErrno()
  }

  private func received(_ message: UnsafePointer<mosquitto_message>?) {
    guard let message = message?.pointee else { return }
    if message.qos > 0, options.kind == .plant { unacknowledged += 1 }
    let bytes = Int(message.payloadlen)
    let isOversize = bytes > options.maxPayloadBytes
    // An empty payload is a null pointer.
    let payload =
      isOversize ? [] : Array(UnsafeRawBufferPointer(start: message.payload, count: message.payload == nil ? 0 : bytes))
    inbox.messages.append(
      Message(
        topic: message.topic.map { String(cString: $0) } ?? "", payload: payload, payloadBytes: bytes, isOversize: isOversize,
        isRedelivered: inbox.nextIsRedelivered, messageID: UInt16(truncatingIfNeeded: message.mid), qos: Int(message.qos),
        isRetained: message.retain))
  }

  private func logged(_ line: UnsafePointer<CChar>?, level: Int32) {
    guard let line else { return }
    if level == MOSQ_LOG_DEBUG {
      inbox.read(logLine: UnsafeRawBufferPointer(start: line, count: strlen(line)), nameBytes: nameBytes)
    } else if level == MOSQ_LOG_ERR, inbox.problem == nil || !isCauseKnown {
      let text = String(cString: line)
      let cause = tlsCause(text)
      isCauseKnown = cause != nil
      inbox.problem = cause?.words ?? inbox.problem ?? Self.plain(text)
    }
  }

  /// What OpenSSL says of the broker's certificate is known only while its connection is there: in this callback.
  private func tlsCause(_ line: String) -> TLSCause? {
    guard endpoint.isEncrypted else { return nil }
    let isClockWrong = time(nil) < Self.earliestTime
    var code = 0
    if line.contains("certificate verify failed"), let connection = mosquitto_ssl_get(client), let ask = Self.verifyResult {
      code = ask(connection)
    }
    return TLSCause(verification: code, isClockWrong: isClockWrong) ?? TLSCause(line: line)
  }

  /// Before the first release of Thrum.
  private static let earliestTime = 1_763_000_000

  /// SSL_get_verify_result(3) of the library that libmosquitto has loaded.
  private static let verifyResult = dlsym(nil, "SSL_get_verify_result").map {
    unsafeBitCast($0, to: (@convention(c) (UnsafeMutableRawPointer) -> Int).self)
  }

  /// `OpenSSL Error[0]: error:0A000086:SSL routines::certificate verify failed` is for OpenSSL's authors; the end of it is for people.
  private static func plain(_ line: String) -> String {
    let isOpenSSL = line.hasPrefix("OpenSSL Error")
    let text = isOpenSSL ? line[(line.lastIndex(of: ":").map(line.index(after:)) ?? line.startIndex)...] : line[...]
    return String(text.hasPrefix("Error: ") ? text.dropFirst(7) : text)
  }

  private func greeted(code: Int32, flags: Int32, properties: OpaquePointer?) {
    var keepalive: UInt16 = 0
    let isGiven = mosquitto_property_read_int16(properties, Int32(MQTT_PROP_SERVER_KEEP_ALIVE.rawValue), &keepalive, false) != nil
    inbox.greeting = Inbox.Greeting(
      code: Int(code), sessionPresent: flags & 1 == 1, keepaliveSeconds: isGiven ? Int(keepalive) : nil)
  }

  /// Here errno still tells why; the broker's own reasons begin at 0x80.
  private func disconnected(code: Int32) {
    if code >= 0x80 {
      end(because: "the broker ended the connection: \(words(forAnswer: Int(code)))")
    } else {
      end(unless: code)
    }
  }
}
