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
    let debounced = debounced(verdict, state, debounce(stream))
    let isRaised = deliveredSaid == nil && watch?.budget.isRaised == true && Self.isRunning(state)
    let wanted = isRaised ? max(debounced, .warning) : debounced
    let isHeld = !mayFall && (verdict.reason == nil || verdict == .abstain(.detectorsDisagree))
    let standing = isHeld ? max(wanted, state.verdict) : wanted
    let rises = standing.priority != nil && standing > state.verdict
    if rises, stream.awaitsBlock, windowsAhead * settings.hopSamples < stream.block.count {
      windowsAhead += 1
      return
    }
    windowsAhead = 0
    state.verdict = standing
  }

  /// What cannot be decided is said at once, but for a dispute among the detectors: as many windows make it stand as an alarm, and it takes
  /// the place of `normal` only.
  private mutating func debounced(_ verdict: Verdict, _ state: PointState, _ settings: DebounceSettings) -> Verdict {
    let isDisputed = verdict == .abstain(.detectorsDisagree)
    guard verdict.reason == nil || isDisputed else { return verdict }
    disputes = disputes << 1 | (isDisputed ? 1 : 0)
    let standing = state.debounce.verdict(after: state.verdict, settings)
    if standing.priority != nil { return standing }
    if Debounce.count(disputes, of: settings.of) >= settings.raise { return .abstain(.detectorsDisagree) }
    if isDisputed, case .abstain = state.verdict { return .abstain(.unconfirmed) }
    return standing
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
