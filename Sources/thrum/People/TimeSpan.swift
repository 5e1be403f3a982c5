import ArgumentParser

/// A length of time as people type it: `30m`, `8h`, `2d`, `45s`.
struct TimeSpan: ExpressibleByArgument {
  let seconds: Int

  init?(argument: String) {
    let units = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    guard let unit = argument.last.flatMap({ units[String($0)] }), let count = Int(argument.dropLast()), count > 0,
      count <= 1_000_000
    else { return nil }
    seconds = count * unit
  }

  static var allValueStrings: [String] { [] }
}
