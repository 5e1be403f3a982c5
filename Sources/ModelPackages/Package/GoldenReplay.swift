import Anomaly
import Signal

/// A package's golden windows, measured and judged again on this machine: does it compute what the trainer's did, fast enough?
package struct GoldenReplay: Sendable, Equatable {
  package let vectors: Int
  /// The largest differences from what the package says: of a value, and of a score, each as a part of it (of 0.01 and of 1 where it
  /// is smaller).
  package let worstValue, worstScore: Double
  /// 99 of 100 windows took at most this, µs: the score, and what it looks at where the point has not measured that anyway.
  package let p99Microseconds: Double
  /// Of memory, about.
  package let footprintBytes: Int

  /// Rounding differs from processor to processor by some 1e-6; what is computed otherwise differs by more than this.
  package static let valueTolerance = 1e-4
  package static let scoreTolerance = 2e-4
  /// Runs are timed until there are so many, or for so long; each vector is judged once in any case.
  private static let timedRuns = 200
  private static let timedNanoseconds: UInt64 = 2_000_000_000

  /// - Parameters:
  ///   - limits: beside the package's own: the smaller ones count.
  ///   - nanoseconds: a clock that only runs forward.
  /// - Throws: the first reason not to run the model.
  package static func run(
    _ package: ModelPackage, limits: PackageLimits? = nil, nanoseconds: () -> UInt64
  ) throws(PackageError) -> GoldenReplay {
    let limits = package.limits.smaller(limits)
    let footprint = package.model.footprintBytes
    guard footprint <= limits.maxBytes else {
      throw PackageError(.overMemory, "model", "about \(footprint) bytes of memory, at most \(limits.maxBytes) allowed")
    }
    let inputs: DeliveredInputs
    do throws(ModelError) { inputs = try DeliveredInputs(package.model) } catch {
      throw PackageError(.featureContract, "model", error.reason)
    }
    var worst = (value: 0.0, score: 0.0)
    for (index, vector) in package.golden.enumerated() {
      let found = try compare(vector, "golden window \(index + 1)", package.model, inputs)
      worst = (max(worst.value, found.value), max(worst.score, found.score))
    }
    let p99 = time(package, inputs, nanoseconds)
    guard p99 <= Double(limits.maxP99Microseconds) else {
      throw PackageError(
        .overTime, "model", "\(p99.short) µs for a window (99th of 100), at most \(limits.maxP99Microseconds) µs allowed")
    }
    return GoldenReplay(
      vectors: package.golden.count, worstValue: worst.value, worstScore: worst.score, p99Microseconds: p99,
      footprintBytes: footprint)
  }

  private static func compare(
    _ vector: GoldenVector, _ object: String, _ model: DeliveredModel, _ inputs: DeliveredInputs
  ) throws(PackageError) -> (value: Double, score: Double) {
    let value = try values(of: vector, object, model, inputs)
    let score = try GoldenVector.score(vector.values, vector.speedRPM, model, object)
    let difference = abs(score - vector.score) / max(1, vector.score)
    guard difference <= scoreTolerance else {
      throw PackageError(.goldenScore, object, "it scores \(score) on this machine, \(vector.score) where it was made")
    }
    let measured = try GoldenVector.score(value.values, vector.speedRPM, model, object)
    guard (measured >= 1) == (vector.kind == .faulty) else {
      throw PackageError(.goldenVerdict, object, "it is \(vector.kind.rawValue), and its score is \(measured.short)")
    }
    return (value.difference, difference)
  }

  private static func values(
    of vector: GoldenVector, _ object: String, _ model: DeliveredModel, _ inputs: DeliveredInputs
  ) throws(PackageError) -> (values: [Float], difference: Double) {
    let measured: [Float]
    do throws(ModelError) { measured = try vector.samples.withUnsafeBufferPointer(inputs.values) } catch {
      throw PackageError(.featureContract, object, error.reason)
    }
    var worst = 0.0
    for (index, (here, there)) in zip(measured, vector.values).enumerated() {
      let difference = Double(abs(here - there) / max(0.01, abs(there)))
      guard difference <= valueTolerance else {
        let name = model.input == .features ? model.shape.featureNames[index] : "value \(index + 1)"
        throw PackageError(.goldenFeatures, object, "\(name) is \(here) on this machine, \(there) where it was made")
      }
      worst = max(worst, difference)
    }
    return (measured, worst)
  }

  private static func time(_ package: ModelPackage, _ inputs: DeliveredInputs, _ nanoseconds: () -> UInt64) -> Double {
    var times: [UInt64] = []
    let start = nanoseconds()
    repeat {
      for vector in package.golden {
        let begun = nanoseconds()
        let values = inputs.needsSamples ? (try? vector.samples.withUnsafeBufferPointer(inputs.values)) ?? [] : vector.values
        if values.count == vector.values.count { _ = package.model.judge(values, speedRPM: vector.speedRPM) }
        times.append(nanoseconds() &- begun)
      }
    } while times.count < timedRuns && nanoseconds() &- start < timedNanoseconds
    times.sort()
    return Double(times[min(times.count - 1, times.count * 99 / 100)]) / 1000
  }
}

extension GoldenVector {
  /// A window as this machine measures and judges it.
  package init(
    measuring samples: [Float], _ kind: Kind, speedRPM: Double? = nil, _ model: DeliveredModel, _ inputs: DeliveredInputs
  ) throws(PackageError) {
    let values: [Float]
    do throws(ModelError) { values = try samples.withUnsafeBufferPointer(inputs.values) } catch {
      throw PackageError(.featureContract, "golden window", error.reason)
    }
    let score = try Self.score(values, speedRPM, model, "golden window")
    self.init(kind: kind, speedRPM: speedRPM, samples: samples, values: values, score: score)
  }

  fileprivate static func score(
    _ values: [Float], _ speedRPM: Double?, _ model: DeliveredModel, _ object: String
  ) throws(PackageError) -> Double {
    guard case .score(let score) = model.judge(values, speedRPM: speedRPM) else {
      throw PackageError(.goldenScore, object, "none of its regimes is for this speed")
    }
    guard score.isUsable else { throw PackageError(.notFinite, object, "its score is no number") }
    return score.joint
  }
}

extension PackageLimits {
  package func smaller(_ other: PackageLimits?) -> PackageLimits {
    guard let other else { return self }
    return PackageLimits(
      maxP99Microseconds: min(maxP99Microseconds, other.maxP99Microseconds), maxBytes: min(maxBytes, other.maxBytes))
  }
}
