/// Who the daemon takes the caller for, and which daemon it is. Anybody may ask.
package struct WhoAmI: Call {
  package static let name = "who-am-i"
  package static let allowed = Set(Role.allCases)

  package struct Reply: Codable, Sendable, Equatable {
    package var uid: UInt32
    package var name: String
    package var role: Role
    package var gateway: String
    package var version: String

    package init(_ caller: Caller, gateway: String, version: String) {
      uid = caller.uid
      name = caller.name
      role = caller.role
      self.gateway = gateway
      self.version = version
    }
  }

  package init() {}
}
