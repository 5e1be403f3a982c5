import NIOEmbedded
import Testing

@testable import LocalAPI

/// That one host of a network cannot use up what all others need.
@Suite("Visitors") struct VisitorTests {
  private let one = Visitor(address: "10.0.0.5")
  private let other = Visitor(address: "10.0.0.6")

  @Test("programs on this gateway count as one, a host of IPv4 by its address, one of IPv6 by its network")
  func identity() {
    for local in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", nil] { #expect(Visitor(address: local).isLocal) }
    #expect(one != other && !one.isLocal && "\(one)" == "10.0.0.5")
    #expect(Visitor(address: "::ffff:10.0.0.5") == one)
    #expect(Visitor(address: "fd00:1:2:3::5") == Visitor(address: "fd00:1:2:3:ffff::6"))
    #expect(Visitor(address: "fd00:1:2:3::5") != Visitor(address: "fd00:1:2:4::5"))
    #expect(Visitor(address: "fe80::5") != Visitor(address: "fe80::6"), "link-local addresses share their network with everybody")
    #expect("\(Visitor(address: "fd00:1:2:3::5"))" == "fd00:1:2:3::/64")
  }

  @Test("who does something too often is held up, and nobody else is")
  func pace() {
    let pace = Pace(perSecond: 0.001, burst: 3)
    #expect((0..<4).map { _ in pace.take(one) } == [true, true, true, false])
    #expect(pace.take(other) && pace.take())
    pace.giveBack(one)
    #expect(pace.take(one) && !pace.take(one))
  }

  @Test("of many visitors not all are remembered: the rest share one allowance, so that memory stays bounded")
  func crowd() {
    let pace = Pace(perSecond: 0.001, burst: 2)
    let taken = (0..<2000).filter { pace.take(Visitor(address: "10.1.\($0 / 250).\($0 % 250)")) }.count
    #expect(taken == 1024 + 2)
  }

  @Test("one address of a network has its share of connections, this gateway's programs have no other limit than all")
  func share() {
    let connections = Connections(limit: 10, ofOne: 3)
    let channels = (0..<3).map { _ in EmbeddedChannel() }
    for channel in channels { #expect(connections.add(channel, of: one) == nil) }
    let fourth = EmbeddedChannel()
    #expect(connections.add(fourth, of: one) === fourth)
    #expect(connections.add(EmbeddedChannel(), of: other) == nil)
    for _ in 0..<6 { #expect(connections.add(EmbeddedChannel()) == nil) }
    connections.remove(channels[0])
    #expect(connections.add(EmbeddedChannel(), of: one) == nil)
  }

  @Test("where all places are taken the one with most of them gives way, its oldest idle connection first")
  func crowded() {
    let connections = Connections(limit: 5, ofOne: 3)
    let patient = EmbeddedChannel()
    #expect(connections.add(patient, of: other) == nil)
    let greedy = (0..<3).map { _ in EmbeddedChannel() }
    for channel in greedy { #expect(connections.add(channel, of: one) == nil) }
    connections.isAtWork(greedy[0])
    #expect(connections.add(EmbeddedChannel()) == nil)
    #expect(connections.add(EmbeddedChannel(), of: Visitor(address: "10.0.0.7")) === greedy[1])
  }
}
