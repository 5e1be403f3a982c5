import Anomaly
import Configuration
import Contracts
import Signal
import Store

/// Whether what was learned can be read, and so will run.
enum ModelsCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    guard let reader = patient.reader, let models = try? reader.models() else { return [] }
    let refused = models.compactMap(refusal)
    let readable = Finding.ok("models.readable", "\(counted(models.count, "model")), each as it was written")
    return (refused.isEmpty ? [readable] : refused) + [signatures(reader, patient)]
  }

  /// What nobody has signed runs only where the configuration lets it.
  private static func signatures(_ reader: StoreReader, _ patient: Patient) -> Finding {
    let isAllowed = (try? patient.config.get())?.models.allowsUnsigned == true
    let atWork = ((try? reader.modelVersions()) ?? []).filter { !$0.isSigned && [.shadow, .canary, .active].contains($0.stage) }
    let remedy = "have it published with signatures (thrum-plane publish), then set models.allow_unsigned = false"
    if let first = atWork.first {
      let others = atWork.count > 1 ? " and \(counted(atWork.count - 1, "other"))" : ""
      return .warning(
        "models.signed", "\(first.model) \(first.version)\(others) is at work (\(first.stage.rawValue)) and nobody has signed it",
        remedy: remedy)
    }
    guard isAllowed else { return .ok("models.signed", "no model without a signature is at work, and none is let in") }
    return .warning(
      "models.signed", "models.allow_unsigned = true: whoever is admin here can put any model to work", remedy: remedy)
  }

  private static func refusal(_ model: StoredModel) -> Finding? {
    do {
      _ = try PointModel(decoding: model.bytes)
      return nil
    } catch {
      let name = "\(model.point.machine)/\(model.point.point)"
      return .error(
        "models.readable", "\(name): the model is refused: \(error.reason); only zones and checks speak",
        remedy: "thrum learn \(name) reset learns a new one; look at the disk")
    }
  }
}
