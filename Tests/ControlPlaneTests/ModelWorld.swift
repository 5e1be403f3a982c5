import Contracts
import Foundation
import SQLite
import Signal
import Store
import TestSupport

@testable import Agent
@testable import ControlPlane

/// One gateway, one plane with a real database, and a broker that does what it likes.
final class ModelWorld {
  struct Mail { let topic: String, payload: [UInt8] }
  struct PlaneCopy { let path: String, knows: Epoch }

  var random: SplitMix64
  var now = 0.0
  let topics: PlaneTopics
  let folder: String
  var disk: ModelDisk
  var conversation: Conversation
  var desk: PlaneDesk?
  var up: [Mail] = []
  var down: [Mail] = []
  var image: ModelDisk?
  var copies: [PlaneCopy] = []
  /// Below this no step hurts: used to let everything arrive at the end.
  var isCalm = false
  var counts: [String: Int] = [:]
  /// The chain after every event that a plane ever committed, lost or not.
  var everStored: Set<ChainHash> = []
  /// Positions that the gateway believed and no plane ever had.
  var lies: [LanePosition] = []
  private var written = 0

  init(seed: UInt64, folder: String) throws {
    random = SplitMix64(seed: seed)
    self.folder = folder
    topics = try PlaneTopics(fleet: "demo", gateway: "gw").orThrow()
    disk = ModelDisk(&random)
    conversation = Conversation(epoch: disk.epoch) { 30 }
    desk = PlaneDesk(store: try PlaneStore(path: database))
    startGateway()
  }

  var database: String { folder + "/plane.db" }

  // MARK: the gateway

  func startGateway() {
    disk.incarnation += 1
    conversation = Conversation(epoch: disk.epoch) { 30 }
    connect()
  }

  func connect() {
    conversation.disconnected()
    down.removeAll()
    if desk != nil { conversation.take(PlaneStatus(state: .online, planeIncarnation: 1)) }
  }

  func commitEvent() {
    written += 1
    let lane: Lane = random.chance(0.3) ? .alarm : .event
    let id = "gw:\(disk.epoch):\(lane.rawValue):\(disk.last(lane) + 1)"
    disk.append(
      Array(
        #"{"specversion":"1.0","id":"\#(id)","source":"/demo/gw","type":"t","time":"2026-01-01T00:00:00.000Z","datacontenttype":"application/json","data":{"n":\#(written)}}"#
          .utf8), to: lane)
  }

  @discardableResult
  func gatewayStep() -> Bool {
    guard let step = conversation.nextStep(now: now, last: disk.lanes.mapValues { UInt64($0.items.count) }) else { return false }
    switch step {
    case .commit(let positions):
      for position in positions {
        if !everStored.contains(position.hash), position.through > 0 { lies.append(position) }
        disk.lanes[position.lane]?.through = position.through
      }
    case .renewEpoch:
      count("renewed")
      disk.renewEpoch(&random)
      conversation.renewed(disk.epoch, now: now)
    case .hello(let nonce):
      let heads = Dictionary(
        uniqueKeysWithValues: Lane.allCases.map {
          ($0, Hello.Head(last: disk.last($0), hash: disk.hash($0, disk.last($0)) ?? ChainHash(disk.epoch)))
        })
      send(
        topics.hello,
        Hello(
          epoch: disk.epoch, parentEpoch: disk.parent, incarnation: disk.incarnation, nonce: nonce, version: "1", lanes: heads
        ).encoded)
    case .send(let lane, let range):
      let last = range.last ?? min(disk.last(lane), range.first + UInt64(random.below(4)))
      let events = disk.log(lane).items[Int(range.first - 1)..<Int(last)].map(\.bytes)
      let batch = EventBatch(
        epoch: disk.epoch, incarnation: disk.incarnation, lane: lane, first: range.first,
        prevHash: disk.hash(lane, range.first - 1) ?? ChainHash(disk.epoch), events: Array(events))
      let payload = batch.encoded
      conversation.sent(lane, range.first...last, bytes: payload.count, now: now)
      send(topics.batch(lane), payload)
    }
    return true
  }

  private func send(_ topic: String, _ payload: [UInt8]) { up.append(Mail(topic: topic, payload: payload)) }

  private func hear(_ mail: Mail) throws {
    switch mail.topic {
    case topics.welcome: conversation.take(try Welcome.decode(mail.payload), ours: disk.hash)
    case topics.ack: conversation.take(try Ack.decode(mail.payload), ours: disk.hash)
    default: conversation.take(try Nack.decode(mail.payload))
    }
  }

  // MARK: the broker

  func deliverUp() throws {
    guard let mail = take(&up), let topic = UpTopic(mail.topic), let desk else { return }
    if let reply = try desk.take(mail.payload, on: topic, at: UnixTime(seconds: now)) {
      if reply.topic == topics.nack { count("nacks") }
      if reply.topic == topics.ack { everStored.formUnion(try EventBatch(decoding: mail.payload).hashes) }
      down.append(Mail(topic: reply.topic, payload: reply.payload))
    }
  }

  func deliverDown() throws {
    guard let mail = take(&down) else { return }
    try hear(!isCalm && random.chance(0.05) ? try forged(mail) : mail)
  }

  /// An acknowledgement with something false in it: a number, a hash, a nonce, an epoch; or one for a batch that is still on its way.
  private func forged(_ mail: Mail) throws -> Mail {
    guard mail.topic == topics.ack else { return mail }
    count("forged")
    var ack = try Ack.decode(mail.payload)
    switch random.below(5) {
    case 0: ack.through += UInt64(random.below(5)) + 1
    case 1: ack.hash = ack.hash.appending([0])
    case 2:
      (ack.nonce, ack.through, ack.hash) = (.random(), disk.last(ack.lane), disk.hash(ack.lane, disk.last(ack.lane)) ?? ack.hash)
    case 3: ack.epoch = random.epoch()
    default: ack.through -= min(ack.through, 1)
    }
    return Mail(topic: mail.topic, payload: ack.encoded)
  }

  /// The oldest; in bad weather also any other, or one that stays to come again, or none because it is lost.
  private func take(_ queue: inout [Mail]) -> Mail? {
    guard !queue.isEmpty else { return nil }
    if isCalm { return queue.removeFirst() }
    let index = random.chance(0.2) ? random.below(queue.count) : 0
    if random.chance(0.1) { return queue[index] }
    let mail = queue.remove(at: index)
    return random.chance(0.05) ? nil : mail
  }

  // MARK: disasters

  func restartPlane() throws {
    desk = nil
    conversation.take(PlaneStatus(state: .offline, planeIncarnation: 1))
    desk = PlaneDesk(store: try PlaneStore(path: database))
    connect()
  }

  func copyPlane() throws {
    desk = nil
    count("plane copied")
    let path = folder + "/copy-\(counts["plane copied", default: 0]).db"
    try FileManager.default.copyItem(atPath: database, toPath: path)
    copies.append(PlaneCopy(path: path, knows: disk.epoch))
    try restartPlane()
  }

  /// From a copy that has heard of the gateway's epoch: what was settled under an epoch before that is no longer on offer.
  func restorePlane() throws {
    let usable = copies.filter { $0.knows == disk.epoch }
    guard !usable.isEmpty else { return }
    count("plane restored")
    desk = nil
    try FileManager.default.removeItem(atPath: database)
    try FileManager.default.copyItem(atPath: usable[random.below(usable.count)].path, toPath: database)
    try restartPlane()
  }

  func restoreGateway() {
    guard let image else { return }
    count("gateway restored")
    disk = image
    copies.removeAll()
    startGateway()
  }

  func count(_ what: String) { counts[what, default: 0] += 1 }
}
