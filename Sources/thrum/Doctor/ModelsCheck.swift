import Anomaly
import Contracts
import Signal
import Store

/// Whether what was learned can be read, and so will run.
enum ModelsCheck: DoctorCheck {
  static func examine(_ patient: Patient) -> [Finding] {
    guard let reader = patient.reader, let models = try? reader.models() else { return [] }
    let refused = models.compactMap(refusal)
    return refused.isEmpty ? [.ok("models.readable", "\(counted(models.count, "model")), each as it was written")] : refused
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
