import Contracts
import LocalAPI
import Store

extension CallRouter {
  /// THE LIST of what may be asked on the socket.
  static func forPeople(
    _ roles: Roles, _ desk: Desk, _ models: ModelDesk, workers: [PointWorker], updates: UpdateWatch?, gateway: String,
    version: String, configuration: ConfigurationDesk
  ) -> CallRouter {
    var router = CallRouter(roles: roles)
    router.on(WhoAmI.self) { _, caller in .success(.init(caller, gateway: gateway, version: version)) }
    router.on(RunningConfiguration.self) { _, _ in .success(configuration.answer) }
    router.on(Acknowledge.self, desk) { $0.acknowledge($1, &$2) }
    router.on(Shelve.self, desk) { $0.shelve($1, &$2) }
    router.on(Unshelve.self, desk) { $0.unshelve($1, &$2) }
    router.on(TakeOutOfService.self, desk) { $0.takeOutOfService($1, &$2) }
    router.on(PutInService.self, desk) { $0.putInService($1, &$2) }
    router.on(Label.self, desk) { $0.label($1, &$2) }
    router.on(Maintain.self, desk) { $0.maintain($1, &$2) }
    router.on(Learn.self, desk) { $0.learn($1, &$2) }
    router.on(KeepWaveform.self, desk) { $0.keepWaveform($1, &$2) }
    router.on(NewestSamples.self) { call, _ in await workers.answer(call) }
    router.on(BringModels.self) { call, _ in await UpdateWatch.bring(call, updates) }
    router.on(InstallModel.self) { call, caller in await ModelDesk.install(call, by: caller, models) }
    return router
  }

  /// And how the page is reached; not for the page itself, whose sessions shall end.
  func with(_ page: PageService?) -> CallRouter {
    var router = self
    router.on(OpenPage.self) { _, caller in
      guard let page else {
        let remedy = "write enabled = true below [page] in the configuration and start thrumd again"
        return .failure(CallProblem(.unavailable, OpenPage.name, "", reason: "the page is switched off", remedy: remedy))
      }
      return page.answer(caller)
    }
    return router
  }

  /// An order for the ingest loop; what it changes stands in the audit log.
  private mutating func on<C: Call>(
    _ call: C.Type, _ desk: Desk,
    _ carryOut: @escaping @Sendable (PointWorkers, C, inout Occasion) -> Result<C.Reply, CallProblem>
  ) {
    on(C.self) { call, caller in
      await desk.ask(C.name) { workers, now, change in
        var occasion = Occasion(caller: caller, now: now, change: change)
        let result = carryOut(workers, call, &occasion)
        guard case .success = result else { return result }
        occasion.change.people.audit.append(AuditRow(call, by: caller, at: now))
        change = occasion.change
        return result
      }
    }
  }
}
