/// One slow value as it arrived: a temperature, a current, a shaft's speed. Its point has no waveform.
package struct Reading: Sendable, Equatable {
  /// In `unit`; whatever number came, also one that is none.
  package var value: Double
  package var unit: ScalarUnit
  package var quantity: ScalarQuantity
  /// When it was measured, as the source says; `nil` when it does not.
  package var time: UnixTime?
  /// The source's own running number; `nil` when it has none.
  package var sequence: UInt64?
  /// When the message reached this gateway.
  package var receivedAt: UnixTime

  package init(
    value: Double, unit: ScalarUnit, quantity: ScalarQuantity, time: UnixTime? = nil, sequence: UInt64? = nil,
    receivedAt: UnixTime
  ) {
    self.value = value
    self.unit = unit
    self.quantity = quantity
    self.time = time
    self.sequence = sequence
    self.receivedAt = receivedAt
  }

  /// When it was measured, or else received.
  package var moment: UnixTime { time ?? receivedAt }

  /// Revolutions per minute; `nil` for what is no speed.
  package var speedRPM: Double? {
    switch unit {
    case .perMinute: value
    case .hertz where quantity == .speed: value * 60
    default: nil
    }
  }

  /// Tells readings with the same number apart: of value and time.
  package var digest: UInt64 {
    withUnsafeBytes(of: (value.bitPattern, time?.nanoseconds ?? 0)) { Digest64.of($0) }
  }
}

/// What a scalar measures.
package enum ScalarQuantity: String, Sendable, CaseIterable {
  case temperature, current, voltage, power, pressure, flow, level, speed

  /// The units that it may be given in; the first is what people use most.
  package var units: [ScalarUnit] {
    switch self {
    case .temperature: [.celsius, .kelvin, .fahrenheit]
    case .current: [.ampere, .milliampere]
    case .voltage: [.volt, .millivolt]
    case .power: [.kilowatt, .watt]
    case .pressure: [.bar, .kilopascal, .pascal, .megapascal, .psi]
    case .flow: [.cubicMetrePerHour, .litrePerMinute]
    case .level: [.percent, .metre, .millimetre]
    case .speed: [.perMinute, .hertz]
    }
  }

  /// Speed, current and the like follow what the machine is asked to do: that they change is no sign of anything.
  package var followsDuty: Bool {
    switch self {
    case .temperature, .pressure, .level: false
    case .current, .voltage, .power, .flow, .speed: true
    }
  }
}

/// Units of scalars, by their UCUM code (SenML's where it differs is accepted too).
package enum ScalarUnit: String, Sendable, CaseIterable {
  case celsius = "Cel"
  case kelvin = "K"
  case fahrenheit = "[degF]"
  case ampere = "A"
  case milliampere = "mA"
  case volt = "V"
  case millivolt = "mV"
  case kilowatt = "kW"
  case watt = "W"
  case bar
  case kilopascal = "kPa"
  case pascal = "Pa"
  case megapascal = "MPa"
  case psi = "[psi]"
  case cubicMetrePerHour = "m3/h"
  case litrePerMinute = "L/min"
  case percent = "%"
  case metre = "m"
  case millimetre = "mm"
  case perMinute = "/min"
  case hertz = "Hz"

  /// Accepts the UCUM code and the spellings people write (`°C`, `rpm`, `m³/h`).
  package init?(code: String) {
    let spelling = [
      "°C": "Cel", "degC": "Cel", "°F": "[degF]", "degF": "[degF]", "psi": "[psi]", "m³/h": "m3/h", "l/min": "L/min",
      "rpm": "/min", "r/min": "/min", "1/min": "/min", "{rev}/min": "/min", "/s": "Hz", "1/s": "Hz",
    ]
    self.init(rawValue: spelling[code] ?? code)
  }

  /// As people read it.
  package var words: String {
    switch self {
    case .celsius: "°C"
    case .fahrenheit: "°F"
    case .psi: "psi"
    case .cubicMetrePerHour: "m³/h"
    case .perMinute: "r/min"
    default: rawValue
    }
  }
}
