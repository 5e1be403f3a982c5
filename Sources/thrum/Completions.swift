import Anomaly
import ArgumentParser
import Configuration
import Signal
import Store

/// What a shell offers for names: looked up in the store, of the system's place or THRUM_STATE_DIR; nothing where there is none.
enum Completions {
  static let points = CompletionKind.custom { _, _, _ in pointNames }
  static let alarms = CompletionKind.custom { _, _, _ in alarmNames }
  static let subjects = CompletionKind.custom { _, _, _ in alarmNames + pointNames }

  private static var reader: StoreReader? { try? StoreReader(folder: Paths.current.stateFolder) }
  private static var pointNames: [String] { (try? reader?.points { $0.point.description }) ?? [] }
  /// Those that stand, and what was closed lately.
  private static var alarmNames: [String] { ((try? reader?.alarms(newest: 50)) ?? []).map(\.id) }
}
