import Signal

/// From what detectors and rules say to a verdict that stands.
extension WindowJudge {
  func abstention(_ stream: SampleStream) -> AbstainReason {
    if settings.severity != nil, !carriesBand(stream) { return .rateTooLow }
    switch deliveredSaid {
    case .unknownRegime?: return .unknownRegime
    case .speedMissing?: return .missingInput
    case .score?, nil: break
    }
    if settings.baselineWindows > 0, model == nil { return .learning }
    if isForeign { return .outOfDistribution }
    switch choice {
    case .unknownRegime: return .unknownRegime
    case .speedMissing: return .missingInput
    case .model, nil: break
    }
    return settings.severity == nil ? .noRuleApplies : .blockTooShort
  }

  /// Debounces a window's verdict. A rise waits for a block for severity where one is on its way, at most as long as one more:
  /// then its explanation has a spectrum.
  mutating func stand(by verdict: Verdict, _ stream: SampleStream, at time: UnixTime, _ state: inout PointState) {
    state.debounce.push(verdict)
    let mayFall = offDelay.mayFall(from: state.verdict, window: verdict, at: time)
    let debounced = verdict.reason == nil ? state.debounce.verdict(after: state.verdict, debounce(stream)) : verdict
    let isRaised = deliveredSaid == nil && watch?.budget.isRaised == true && Self.isRunning(state)
    let wanted = isRaised ? max(debounced, .warning) : debounced
    let standing = verdict.reason == nil && !mayFall ? max(wanted, state.verdict) : wanted
    let rises = standing.priority != nil && standing > state.verdict
    if rises, stream.awaitsBlock, windowsAhead * settings.hopSamples < stream.block.count {
      windowsAhead += 1
      return
    }
    windowsAhead = 0
    state.verdict = standing
  }

  /// Snapshots with long pauses, each no more than a window or two, are few: a bang in three of them is no trend yet.
  func debounce(_ stream: SampleStream) -> DebounceSettings {
    var settings = settings.debounce
    if !stream.fillsBlocks { settings.raise = min(settings.of, settings.raise + 1) }
    return settings
  }

  /// At most one row a minute.
  mutating func note(
    _ features: UnsafeBufferPointer<Float>, _ frame: Frame, _ state: PointState, _ outcome: inout PointOutcome
  ) {
    let time = frame.startTime ?? frame.receivedAt
    if let trendAt, abs(time.seconds(since: trendAt)) < 60 { return }
    trendAt = time
    outcome.trend.append(
      TrendRow(
        time: time, velocityRMS: state.velocityRMS, rms: Double(features[Self.rmsIndex]),
        kurtosis: Double(features[Self.kurtosisIndex]),
        probability: state.probability, verdict: state.verdict))
  }

  static let rmsIndex = Analyzers.featureNames.firstIndex(of: "rms") ?? 0
  static let kurtosisIndex = Analyzers.featureNames.firstIndex(of: "kurtosis") ?? 0
}
