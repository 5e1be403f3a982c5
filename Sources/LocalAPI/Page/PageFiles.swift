/// The page's own files, part of the program: nothing is read from a disk, so no path leads anywhere else.
enum PageFiles {
  /// THE LIST
  static func file(_ path: String) -> WebResponse? {
    switch path {
    case "/": html(PackageResources.index_html)
    case "/page.css": WebResponse(contentType: "text/css; charset=utf-8", body: PackageResources.page_css)
    case "/icon.svg": WebResponse(contentType: "image/svg+xml", body: PackageResources.icon_svg)
    case "/page.js": script(PackageResources.page_js)
    case "/gateway.js": script(PackageResources.gateway_js)
    case "/elements.js": script(PackageResources.elements_js)
    case "/plot.js": script(PackageResources.plot_js)
    case "/machines.js": script(PackageResources.machines_js)
    case "/point.js": script(PackageResources.point_js)
    case "/alarms.js": script(PackageResources.alarms_js)
    default: nil
    }
  }

  private static func html(_ bytes: [UInt8]) -> WebResponse { WebResponse(contentType: "text/html; charset=utf-8", body: bytes) }
  private static func script(_ bytes: [UInt8]) -> WebResponse {
    WebResponse(contentType: "text/javascript; charset=utf-8", body: bytes)
  }
}
