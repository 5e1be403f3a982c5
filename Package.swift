// swift-tools-version: 6.2
import PackageDescription

/// Settings of every target: Swift 6 mode comes with the tools version; warnings are errors.
let house: [SwiftSetting] = [
  .treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
]

/// A Swift target that imports only what stands in a lower layer (docs/ARCHITECTURE.md).
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: house)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: dependencies, swiftSettings: house)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: house)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let nio = ["NIOCore", "NIOPosix", "NIOHTTP1", "NIOTLS"].map { Target.Dependency.product(name: $0, package: "swift-nio") }
let tls = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let toml = Target.Dependency.product(name: "TOMLKit", package: "TOMLKit")

let package = Package(
  name: "thrum",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
    // Without its traits: they would bring full Foundation.
    .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0", traits: []),
  ],
  targets: [
    // 0  C, each imported by one Swift file
    .systemLibrary(name: "CFFTW", pkgConfig: "fftw3f", providers: [.apt(["libfftw3-dev"])]),
    .systemLibrary(name: "CMosquitto", pkgConfig: "libmosquitto", providers: [.apt(["libmosquitto-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3", "-ffp-contract=off"])]),
    .target(name: "CLinux"),
    .target(name: "CProcess"),

    // 1  pure: no files, sockets, clocks, logging
    room("Signal", ["CFFTW", "CKernels"]),
    room("Anomaly", ["Signal", "CKernels"]),
    room("Simulator", ["Signal"]),

    // 2  files people write, files people measure, what crosses a boundary
    room("Payloads", ["Signal"]),
    room("Configuration", ["Payloads", "Anomaly", "Signal", toml]),
    room("Recordings", ["Signal"]),
    room("Plots", ["Signal"]),
    room("Contracts", ["Anomaly", "CZstd", crypto]),
    room("Terminal", ["Signal", argumentParser]),
    room("ModelPackages", ["Contracts", "Anomaly", "Signal", crypto]),
    .target(name: "ONNX", dependencies: ["Anomaly", "Signal", protobuf], exclude: ["onnx.proto"], swiftSettings: house),

    // 3  adapters: each owns one outside world
    room("MQTT", ["CMosquitto", "CLinux"]),
    room("SQLite", ["CSQLite"]),
    room("Store", ["SQLite", "Contracts", "Anomaly"]),
    .target(
      name: "LocalAPI", dependencies: ["Contracts", crypto, tls] + nio, resources: [.embedInCode("Page/Files")],
      swiftSettings: house),
    room("LocalClient", ["Contracts"]),

    // 4  wiring and policy
    room(
      "Agent",
      [
        "CProcess", "Configuration", "Payloads", "Anomaly", "Contracts", "ModelPackages", "MQTT", "Store", "LocalAPI", logging,
        lifecycle, signals, crypto,
      ]),
    room("ControlPlane", ["Contracts", "ModelPackages", "MQTT", "SQLite", logging, crypto]),

    // 5  thin programs
    program("thrumd", ["Agent", "Configuration", "Contracts", "Terminal", argumentParser, logging]),
    program(
      "thrum",
      [
        "Store", "LocalClient", "Configuration", "Payloads", "Recordings", "Simulator", "Plots", "ONNX", "Anomaly",
        "ModelPackages", "Contracts", "Terminal",
        argumentParser,
      ]),
    program("thrum-plane", ["ControlPlane", "ModelPackages", "Contracts", "Terminal", argumentParser, logging]),
    program(
      "thrum-bench",
      ["Recordings", "Simulator", "Signal", "Anomaly", "ONNX", "CKernels", "MQTT", "SQLite", "Terminal", argumentParser]),

    // what is used by several test targets: broker launcher, temporary folders, golden loader
    .target(
      name: "TestSupport", dependencies: ["Signal"], path: "Tests/TestSupport", exclude: ["tls_burst_broker.py"],
      swiftSettings: house),
    .target(name: "CAllocations", path: "Tests/CAllocations"),
    // packages of models that several test targets deliver
    .target(
      name: "ModelFixtures", dependencies: ["ModelPackages", "Anomaly", "Signal"], path: "Tests/ModelFixtures",
      swiftSettings: house),
    // works a store hard, for scripts/faults
    .executableTarget(
      name: "store-load", dependencies: ["Store", "SQLite", "Contracts", "Anomaly", "Signal"], path: "Tests/StoreLoad",
      swiftSettings: house),
    tests("SignalTests", ["Signal", "CKernels", "CAllocations", "TestSupport"]),
    tests("AnomalyTests", ["Anomaly", "CAllocations", "Recordings", "Simulator", "TestSupport"]),
    tests("ONNXTests", ["ONNX", "Anomaly", "Signal", "TestSupport"]),
    tests("SimulatorTests", ["Simulator", "Signal"]),
    tests("ConfigurationTests", ["Configuration"]),
    tests("RecordingsTests", ["Recordings", "Signal", "TestSupport"]),
    tests("PlotsTests", ["Plots"]),
    tests("PayloadsTests", ["Payloads"]),
    tests("ModelPackagesTests", ["ModelPackages", "ModelFixtures", "Anomaly", "Signal", "TestSupport", crypto]),
    tests("ContractsTests", ["Contracts", "Anomaly", "Signal", "TestSupport"]),
    tests("MQTTTests", ["MQTT", "TestSupport"]),
    tests(
      "LocalAPITests",
      ["LocalAPI", "LocalClient", "Contracts", "TestSupport", .product(name: "NIOEmbedded", package: "swift-nio")]),
    tests("StoreTests", ["Store", "SQLite", "TestSupport"]),
    tests(
      "AgentTests",
      [
        "Agent", "Configuration", "Contracts", "ModelPackages", "ModelFixtures", "Anomaly", "Signal", "MQTT", "Store",
        "TestSupport",
      ]),
    tests("ControlPlaneTests", ["ControlPlane", "Agent", "ModelPackages", "Anomaly", "Signal", "TestSupport", "thrum-plane"]),
    tests(
      "EndToEndTests",
      ["Signal", "Anomaly", "Contracts", "Simulator", "Store", "SQLite", "MQTT", "TestSupport", "thrumd", "thrum", "thrum-plane"]),
    tests("LayeringTests", ["TestSupport"]),
    // the client that the public TUF suite drives; never shipped
    .executableTarget(
      name: "thrum-tuf-conformance", dependencies: ["ModelPackages", "Signal", crypto], path: "Tests/TUFConformance",
      swiftSettings: house),
  ]
)

// Only scripts/fuzz sets it: a program that a fuzzer's main function starts.
if Context.environment["THRUM_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "thrum-fuzz", dependencies: ["Payloads", "Recordings", "Configuration", "Anomaly", "Signal", "ONNX"],
      path: "Tests/Fuzz",
      swiftSettings: house))
}

// THRUM_TEST_TARGETS=SignalTests,StoreTests: builds these tests only, for the hand that changes one room and waits.
if let wanted = Context.environment["THRUM_TEST_TARGETS"]?.split(separator: ",").map(String.init) {
  package.targets.removeAll { $0.type == .test && !wanted.contains($0.name) }
}
