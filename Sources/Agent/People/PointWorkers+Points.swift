import Anomaly
import Contracts
import Signal
import Store

/// What people do to points, and what they say of them.
extension PointWorkers {
  func takeOutOfService(_ call: TakeOutOfService, _ occasion: inout Occasion) -> Result<PointReply, CallProblem> {
    point(call.point, for: TakeOutOfService.name).map { point in
      let until = call.forS.map { occasion.now.advanced(bySeconds: Double($0)) }
      let suppression = Suppression(
        reason: .outOfService, by: occasion.person, since: occasion.now, until: until, note: call.note)
      suppress(point, suppression, &occasion)
      occasion.tell(
        .outOfService(PointAnswer(by: occasion.person, until: until?.rfc3339, note: call.note)), of: point.description)
      occasion.take(alarms.suppress([point], suppression, at: occasion.now), of: point.machine)
      return reply(point)
    }
  }

  func keepWaveform(_ call: KeepWaveform, _ occasion: inout Occasion) -> Result<PointReply, CallProblem> {
    point(call.point, for: KeepWaveform.name).flatMap { point in
      guard worker(of: point).askForWaveform(of: point) else {
        return .failure(
          CallProblem(
            .conflict, KeepWaveform.name, "\(point)", reason: "it has sent no waveform since the start, or none at all",
            remedy: "wait for its next frame; a slow value has no waveform")
        )
      }
      return .success(reply(point))
    }
  }

  func putInService(_ call: PutInService, _ occasion: inout Occasion) -> Result<PointReply, CallProblem> {
    point(call.point, for: PutInService.name).flatMap { point in
      guard suppressions[point]?.reason == .outOfService else {
        return .failure(CallProblem(.conflict, PutInService.name, "\(point)", reason: "it is in service"))
      }
      suppress(point, nil, &occasion)
      occasion.tell(.inService(PointAnswer(by: occasion.person)), of: point.description)
      restore([point], by: occasion.person, &occasion)
      return .success(reply(point))
    }
  }

  func maintain(_ call: Maintain, _ occasion: inout Occasion) -> Result<PointReply, CallProblem> {
    point(call.point, for: Maintain.name).map { point in
      occasion.change.people.maintenance.append(
        MaintenanceRow(
          machine: point.machine, point: point.point, note: call.note, resetBaseline: call.resetBaseline, by: occasion.person,
          at: occasion.now))
      occasion.tell(
        .maintained(MaintenanceReport(note: call.note, resetBaseline: call.resetBaseline, by: occasion.person)),
        of: point.description)
      if call.resetBaseline { forgetBaseline(of: point, &occasion) }
      return reply(point)
    }
  }

  func learn(_ call: Learn, _ occasion: inout Occasion) -> Result<PointReply, CallProblem> {
    point(call.point, for: Learn.name).flatMap { point in
      if call.action == .stop, let stop = learningStops[point] {
        let remedy = "thrum learn \(point) start lets it go on"
        return .failure(
          CallProblem(.conflict, Learn.name, "\(point)", reason: "its learning is stopped already (\(stop.by))", remedy: remedy))
      }
      if call.action == .start, learningStops[point] == nil, worker(of: point).state(of: point)?.baseline.phase == .ready {
        let remedy = "thrum learn \(point) reset forgets it and learns anew"
        return .failure(CallProblem(.conflict, Learn.name, "\(point)", reason: "it has learned already", remedy: remedy))
      }
      if call.action == .start, learningStops[point] == nil, worker(of: point).baselineWindows(of: point) == 0 {
        let remedy =
          "its [[source]] says baseline_windows = 0, or it measures what follows the machine's duty; set baseline_windows and restart"
        return .failure(
          CallProblem(.conflict, Learn.name, "\(point)", reason: "it is configured to learn nothing", remedy: remedy))
      }
      switch call.action {
      case .start: setLearningStop(nil, of: point, &occasion)
      case .stop: setLearningStop(LearningStop(by: occasion.person, since: occasion.now), of: point, &occasion)
      case .reset: forgetBaseline(of: point, &occasion)
      }
      occasion.tell(.learning(LearningReport(action: call.action.rawValue, by: occasion.person)), of: point.description)
      return .success(reply(point))
    }
  }

  func label(_ call: Label, _ occasion: inout Occasion) -> Result<LabelRow, CallProblem> {
    labelled(call.subject, occasion).map { subject, alarm in
      let row = LabelRow(
        subject: call.subject, label: call.label, fault: call.fault, note: call.note, by: occasion.person, at: occasion.now)
      occasion.change.people.labels.append(row)
      teach(row, alarm: alarm, &occasion)
      occasion.tell(
        .labelled(
          LabelReport(alarm: alarm, label: call.label.rawValue, fault: call.fault, note: call.note, by: occasion.person)),
        of: subject)
      return row
    }
  }

  // MARK: parts

  /// A label of an alarm that the learned detectors raised moves its points' limits.
  private func teach(_ row: LabelRow, alarm id: String?, _ occasion: inout Occasion) {
    guard row.label != .unsure, let id, let alarm = alarms.alarm(id), let score = alarm.explanation.score,
      row.label == .bad || alarm.explanation.decidedBy.contains("model")
    else { return }
    for point in alarm.members {
      let outcome = worker(of: point).label(point, score: score, isFault: row.label == .bad, at: occasion.now)
      if let outcome { occasion.change.points.append(outcome) }
    }
  }

  private func setLearningStop(_ stop: LearningStop?, of point: PointID, _ occasion: inout Occasion) {
    learningStops[point] = stop
    occasion.change.people.learningStops[point] = .some(stop)
    worker(of: point).mayLearn(mayLearn(point), point)
  }

  /// Windows, model, and what was decided with them: gone, also what is being learned from at the moment. Whoever wants that wants
  /// it learned anew: a stop that stood is over.
  private func forgetBaseline(of point: PointID, _ occasion: inout Occasion) {
    if learningStops[point] != nil { setLearningStop(nil, of: point, &occasion) }
    learner.forget(point)
    occasion.change.points.append(worker(of: point).forgetBaseline(of: point))
    occasion.change.models.removeAll { $0.point == point }
    occasion.change.people.forgotten.append(point)
    occasion.take(alarms.withdraw(point, at: occasion.now), of: point.machine)
  }

  private func reply(_ point: PointID) -> PointReply {
    let state = worker(of: point).state(of: point) ?? PointState()
    return PointReply(
      machine: point.machine, point: point.point,
      baseline: .init(
        state: state.baseline.phase.rawValue, progress: state.baseline.fraction, stoppedBy: learningStops[point]?.by),
      suppression: suppressions[point].map { SuppressionRow($0, verdict: state.verdict) })
  }

  /// A point's name is the subject itself; an alarm's is its machine. Alarms that are closed are labelled too.
  private func labelled(_ subject: String, _ occasion: Occasion) -> Result<(subject: String, alarm: String?), CallProblem> {
    guard let hash = subject.lastIndex(of: "#") else {
      return point(subject, for: Label.name).map { ($0.description, nil) }
    }
    if alarms.alarm(subject) != nil || isStored(alarm: subject) { return .success((String(subject[..<hash]), subject)) }
    return alarm(subject, for: Label.name).map { ($0.machine, $0.id) }
  }

  private func point(_ name: String, for operation: String) -> Result<PointID, CallProblem> {
    let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2, case let point = PointID(machine: String(parts[0]), point: String(parts[1])), points.contains(point) {
      return .success(point)
    }
    let known = points.sorted().prefix(20).map(\.description).joined(separator: ", ")
    return .failure(
      CallProblem(
        .notFound, operation, name, reason: "there is no such point",
        remedy: known.isEmpty ? "no point has sent anything yet" : "known are \(known)"))
  }
}
