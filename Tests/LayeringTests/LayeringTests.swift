import Foundation
import Testing

/// What the package manifest cannot say about who may import what.
@Suite("Layers")
struct LayeringTests {
  static let modulesOfC = ["CFFTW", "CMosquitto", "CSQLite", "CZstd", "CLinux", "CProcess"]

  @Test("one Swift file imports each C module", arguments: modulesOfC)
  func oneImporter(module: String) throws {
    let importers = try Source.all().filter { $0.imports.contains(module) }.map(\.path)
    #expect(importers.count == 1, "\(module) is imported by \(importers)")
  }

  @Test("pure rooms import the standard library, C mathematics and layer 0 only", arguments: ["Signal", "Anomaly", "Simulator"])
  func pureRooms(room: String) throws {
    let allowed: Set = ["Glibc", "Synchronization", "CFFTW", "CKernels", "Signal"]
    for source in try Source.all() where source.room == room {
      #expect(source.imports.subtracting(allowed).isEmpty, "\(source.path) imports \(source.imports.subtracting(allowed))")
    }
  }

  @Test("no source imports full Foundation: it would bring ICU and 40 MB")
  func noFullFoundation() throws {
    let importers = try Source.all().filter { $0.imports.contains("Foundation") }.map(\.path)
    #expect(importers.isEmpty)
  }

  @Test("nothing from outside can stop the process: no try!, no fatalError", arguments: ["try!", "fatalError("])
  func noTraps(word: String) throws {
    for source in try Source.all() {
      #expect(!source.code.contains(word), "\(source.path) contains \(word)")
    }
  }

  @Test("the trust core decides without a network and without a clock of its own")
  func trustIsPure() throws {
    for source in try Source.all() where source.path.hasPrefix("Sources/ModelPackages/Trust/") {
      #expect(source.imports.isSubset(of: ["Crypto", "Glibc", "Signal"]), "\(source.path) imports \(source.imports)")
      for word in ["socket(", "clock_gettime", "gettimeofday"] {
        #expect(!source.code.contains(word), "\(source.path) contains \(word)")
      }
    }
  }

  @Test("adapters do not import each other", arguments: ["MQTT", "Store", "LocalAPI", "LocalClient"])
  func adapters(room: String) throws {
    let others = Set(["MQTT", "Store", "LocalAPI", "LocalClient"]).subtracting([room])
    for source in try Source.all() where source.room == room {
      #expect(source.imports.isDisjoint(with: others), "\(source.path) imports \(source.imports.intersection(others))")
    }
  }

  @Test("NIO belongs to the local API alone, and `thrum` does not carry it")
  func eventLoop() throws {
    for source in try Source.all() where source.room != "LocalAPI" {
      #expect(!source.imports.contains { $0.hasPrefix("NIO") }, "\(source.path)")
      if source.room == "thrum" { #expect(!source.imports.contains("LocalAPI"), "\(source.path)") }
    }
  }

  @Test("`thrum` links neither the Agent nor MQTT and its TLS: it reads the store, and has thrumd visit the broker")
  func commandLineIsNotTheDaemon() throws {
    for source in try Source.all() where source.room == "thrum" {
      #expect(source.imports.isDisjoint(with: ["Agent", "MQTT"]), "\(source.path)")
    }
  }

  /// Without one the parser derives it from the type's name, which searches all conformances of the program three times a
  /// command: half of what `thrum status` took to start.
  @Test("every command says its name itself")
  func commandsAreNamed() throws {
    for source in try Source.all() {
      let unnamed = source.code.components(separatedBy: "CommandConfiguration(").dropFirst().filter {
        !$0.drop(while: \.isWhitespace).hasPrefix("commandName:")
      }
      #expect(unnamed.isEmpty, "\(source.path)")
    }
  }
}

/// A Swift file under Sources.
private struct Source {
  let path: String
  let code: String

  var room: String { String(path.split(separator: "/")[1]) }

  var imports: Set<String> {
    Set(
      code.split(separator: "\n").compactMap { line in
        let words = line.split(separator: " ").drop {
          $0.hasPrefix("@") || ["package", "public", "internal", "private"].contains($0)
        }
        return words.first == "import" ? words.last.map(String.init) : nil
      })
  }

  static func all() throws -> [Source] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let sources = root.appendingPathComponent("Sources")
    let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
    return try files.filter { $0.pathExtension == "swift" }.map {
      Source(path: String($0.path.dropFirst(root.path.count + 1)), code: try String(contentsOf: $0, encoding: .utf8))
    }
  }
}
