import Configuration
import Contracts
import LocalAPI
import Logging
import ServiceLifecycle

/// `http://ADDRESS/metrics`, where it is switched on: anybody on this gateway may look, nobody can change anything.
struct MetricsService: Service {
  private let address: ListenAddress
  private let site: MetricsSite
  private let health: Health
  private let log: Logger

  init(at address: ListenAddress, _ figures: MetricsFigures, health: Health, log: Logger) {
    (self.address, site, self.health, self.log) = (address, MetricsSite(figures: figures), health, log)
  }

  func run() async throws {
    await Listening.keep(.metrics, "metrics", health, log) { listening async throws(CallProblem) in
      var limits = WebServer.Limits()
      (limits.connections, limits.bodyBytes, limits.requestsPerSecond) = (16, 1024, 5)
      let server = WebServer(host: address.host, port: address.port, site: site, limits: limits)
      try await server.run(listening: { _ in listening() }) { try await gracefulShutdown() }
    }
  }
}

private struct MetricsSite: WebSite {
  let figures: MetricsFigures

  func answer(_ request: WebRequest) async -> WebAnswer {
    guard request.method == .get, request.path == "/metrics" else {
      return .now(WebResponse(status: 404, contentType: "text/plain", body: Array("the figures are at /metrics\n".utf8)))
    }
    return .blocking { [figures] in
      do {
        return WebResponse(contentType: Self.type, body: Array(try figures.text().utf8))
      } catch {
        return WebResponse(status: 503, contentType: "text/plain", body: Array("\(error)\n".utf8))
      }
    }
  }

  private static let type = "application/openmetrics-text; version=1.0.0; charset=utf-8"
}
