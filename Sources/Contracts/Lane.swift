/// One numbered stream of events to the plane (docs/PROTOCOL). Each has its own sequence, chain and position.
package enum Lane: String, Sendable, CaseIterable, Codable { case alarm, event }
