import Configuration
import Glibc

/// Who may read and write what is Thrum's.
enum PermissionsCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    [folder(patient), owner(patient), configuration(patient)].compactMap { $0 } + secrets(patient) + groups(patient)
  }

  private static func folder(_ patient: Patient) -> Finding? {
    guard let rights = FileRights(patient.folder) else { return nil }
    let words = "\(patient.folder): \(rights.octal), \(rights.ownerName)"
    if rights.othersMayWrite {
      return .error("permissions.state", words + ": everybody may write to it", remedy: "chmod 0750 \(patient.folder)")
    }
    if rights.othersMayRead {
      return .warning("permissions.state", words + ": everybody may look into it", remedy: "chmod 0750 \(patient.folder)")
    }
    return .ok("permissions.state", words)
  }

  /// A thrumd that was once started by hand, as root, leaves files behind that the service cannot write.
  private static func owner(_ patient: Patient) -> Finding? {
    guard let folder = FileRights(patient.folder) else { return nil }
    if let unwritable = unwritable(folder, patient) { return unwritable }
    for name in ["thrum.db", "thrum.db-wal", "thrum.lock"] {
      guard let file = FileRights(patient.folder + "/" + name), file.owner != folder.owner else { continue }
      return .error(
        "permissions.owner", "\(name) belongs to \(file.ownerName), its folder to \(folder.ownerName): thrumd cannot write it",
        remedy: "chown -R \(folder.ownerName): \(patient.folder); never start thrumd by hand as root")
    }
    return .ok("permissions.owner", "the store belongs to \(folder.ownerName)")
  }

  /// By whom thrumd runs: systemd knows, and where it does not run thrumd, whoever starts it.
  private static func unwritable(_ folder: FileRights, _ patient: Patient) -> Finding? {
    let unitUser = patient.unit?["User"].flatMap { $0.isEmpty ? nil : $0 }
    if let user = unitUser, user != folder.ownerName {
      return .error(
        "permissions.owner",
        "\(patient.folder) belongs to \(folder.ownerName), and \(patient.unit?.name ?? "thrumd") runs as \(user): it cannot write there",
        remedy: "chown -R \(user): \(patient.folder)")
    }
    guard patient.unit == nil, !patient.isRunning, access(patient.folder, W_OK) != 0, errno == EACCES else { return nil }
    let user = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "uid \(getuid())"
    return .warning(
      "permissions.owner",
      "\(patient.folder) belongs to \(folder.ownerName) and \(user) may not write to it: a thrumd started by \(user) ends at once",
      remedy:
        "start it as \(folder.ownerName), or chown -R \(user): \(patient.folder), or choose another state folder (THRUM_STATE_DIR)"
    )
  }

  private static func configuration(_ patient: Patient) -> Finding? {
    guard let rights = FileRights(patient.configFile) else { return nil }
    guard rights.othersMayWrite else { return .ok("permissions.configuration", "\(patient.configFile): \(rights.octal)") }
    let words = "\(patient.configFile): \(rights.octal): everybody may write it"
    return .error("permissions.configuration", words, remedy: "chmod 0644 \(patient.configFile)")
  }

  private static func secrets(_ patient: Patient) -> [Finding] {
    guard let config = try? patient.config.get() else { return [] }
    let links = [config.broker, config.plane?.connection].compactMap { $0 }
    let findings = (links.flatMap { [$0.passwordFile, $0.keyFile] } + [config.page.keyFile]).compactMap { $0 }.compactMap(secret)
    return findings.isEmpty ? [.ok("permissions.secrets", "no secret is open to others")] : findings
  }

  private static func secret(_ path: String) -> Finding? {
    guard access(path, F_OK) == 0 else {
      let remedy = "make it, or correct its path; systemd credentials stand under /run/credentials/thrumd.service"
      return .error("permissions.secrets", "\(path): \(String(cString: strerror(errno)))", remedy: remedy)
    }
    guard let rights = FileRights(path), rights.othersMayRead || rights.othersMayWrite else { return nil }
    return .error("permissions.secrets", "\(path): \(rights.octal): everybody may read it", remedy: "chmod 0640 \(path)")
  }

  private static func groups(_ patient: Patient) -> [Finding] {
    guard let local = try? patient.config.get().local else { return [] }
    let missing = [local.operatorGroup, local.adminGroup].filter { (name: String) in getgrnam(name) == nil }
    guard !missing.isEmpty else { return [.ok("permissions.groups", "\(local.operatorGroup) and \(local.adminGroup) are there")] }
    return [
      .warning(
        "permissions.groups", "no such group: \(missing[0]); only root and the daemon's user may act",
        remedy: "systemd-sysusers, or addgroup --system \(missing[0]); or name others in [local]")
    ]
  }
}
