import FoundationEssentials
import Glibc

/// Takes a gateway back to what it was before it ever ran, while no daemon runs: configuration and keys of the site stay.
package enum StoreReset {
  package struct Report: Sendable, Equatable {
    /// Names within the folder, sorted.
    package var deleted: [String] = []
    /// What thrumd did not make.
    package var left: [String] = []
  }

  /// What would be deleted, and what stays.
  package static func look(folder: String) -> Report {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted().filter { $0 != lock }
    return Report(deleted: names.filter(isOurs), left: names.filter { !isOurs($0) })
  }

  /// Deletes all that thrumd has written into its state folder: the store and what was set aside of it, models that came, sessions of
  /// the page, how far others were told. On a flash disk what was deleted may still be found by whoever takes the chip out.
  /// - Throws: `inUse` while a daemon runs; `failed` for what cannot be deleted.
  package static func run(folder: String) throws(StoreError) -> Report {
    let held = try StateLock(folder: folder)
    defer { withExtendedLifetime(held) {} }
    let report = look(folder: folder)
    // The store last: until it is gone the folder is a gateway's, and the command can be given again.
    for name in report.deleted.sorted(by: { !isStore($0) && isStore($1) }) {
      do { try FileManager.default.removeItem(atPath: "\(folder)/\(name)") } catch {
        throw StoreError(
          "delete", "\(folder)/\(name)", reason: "it cannot be deleted", remedy: "run it as the folder's owner or as root")
      }
    }
    try Disk.syncFolder(of: "\(folder)/\(lock)")
    return report
  }

  private static let lock = "thrum.lock"

  private static func isOurs(_ name: String) -> Bool {
    isStore(name) || ["models", "updates", "page.key", "thrum.sock"].contains(name)
      || (name.hasPrefix("notify-") && name.hasSuffix(".json"))
  }

  private static func isStore(_ name: String) -> Bool { name.hasPrefix("thrum.db") }
}
