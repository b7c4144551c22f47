// SPDX-License-Identifier: Apache-2.0
//
// Formats of JSON: node's heap profile, beside one that node itself writes; speedscope's; the Firefox
// Profiler's.

import Foundation
import MemtraceTestSupport
import Testing

@testable import MemtraceAnalyzer

@Suite struct JSONFormatTests {
  private let fixture: ExportFixture

  init() throws {
    fixture = try ExportFixture()
  }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  // MARK: node's heap profile

  /// Members and their types, everywhere in a value: two files of one format have the same.
  private func shape(_ value: Any) -> Set<String> {
    var found: Set<String> = []
    var open: [(String, Any)] = [("", value)]
    while let (path, value) = open.popLast() {
      switch value {
      case let object as [String: Any]:
        found.insert("\(path): object")
        // A tree's nodes are all alike.
        for (key, inner) in object {
          open.append((path.hasSuffix(key) ? path : "\(path).\(key)", inner))
        }
      case let array as [Any]:
        found.insert("\(path): array")
        for inner in array { open.append((path, inner)) }
      case is String: found.insert("\(path): string")
      default: found.insert("\(path): number")
      }
    }
    return found
  }

  private func heapProfileOfNode() throws -> [String: Any] {
    let folder = try ScratchFolder()
    let script = try folder.file(
      "a.js", "globalThis.kept = []; for (let i = 0; i < 1e5; i++) kept.push({i, text: 'x' + i});")
    let result = try Program.run(
      "node",
      ["--heap-prof", "--heap-prof-dir=\(folder.path)", "--heap-prof-name=a.heapprofile", script])
    try #require(result.status == 0, "\(result.errors)")
    return try object(
      String(contentsOfFile: folder.path + "/a.heapprofile", encoding: .utf8))
  }

  @Test func aHeapProfileHasTheShapeOfNodesOwn() throws {
    let ours = shape(try object(fixture.exportText(.heapprofile)))
    #expect(ours == shape(try heapProfileOfNode()))
  }

  @Test(arguments: [SiteOrder.outstanding, .total])
  func aHeapProfileSumsUpToTheReport(metric: SiteOrder) throws {
    let report = try fixture.report()
    let expected = metric == .total ? report.totalBytes : report.outstandingBytes
    let profile = try object(fixture.exportText(.heapprofile, metric))
    var sizes: [Int: Int] = [:]
    var names: Set<String> = []
    var open = [try #require(profile["head"] as? [String: Any])]
    while let node = open.popLast() {
      sizes[try #require(node["id"] as? Int)] = node["selfSize"] as? Int
      let frame = node["callFrame"] as? [String: Any] ?? [:]
      names.insert(
        "\(frame["functionName"] ?? "") \(frame["url"] ?? "") \(frame["lineNumber"] ?? "")")
      open += node["children"] as? [[String: Any]] ?? []
    }
    #expect(sizes.values.reduce(0, +) == expected)
    let samples = profile["samples"] as? [[String: Any]] ?? []
    #expect(samples.reduce(0) { $0 + ($1["size"] as? Int ?? 0) } == expected)
    #expect(
      samples.allSatisfy { sizes[$0["nodeId"] as? Int ?? 0] == $0["size"] as? Int })
    // Lines count from 0 there.
    #expect(names.contains("handleRequest /srv/app/server.js 16"))
    #expect(names.contains("Upload /srv/app/src/addon.cc 79"))
  }

  // MARK: speedscope

  /// speedscope's src/lib/file-format-spec.ts.
  private struct SpeedscopeFile: Decodable {
    struct Shared: Decodable { var frames: [Frame] }
    struct Frame: Decodable {
      var name: String
      var file: String?
      var line: Int?
      var col: Int?
    }
    struct Profile: Decodable {
      var type: String
      var name: String
      var unit: String
      var startValue: Int
      var endValue: Int
      var samples: [[Int]]
      var weights: [Int]
    }
    var schema: String
    var shared: Shared
    var profiles: [Profile]
    var name: String?
    var activeProfileIndex: Int?
    var exporter: String?

    enum CodingKeys: String, CodingKey {
      case schema = "$schema"
      case shared, profiles, name, activeProfileIndex, exporter
    }
  }

  @Test func speedscopesFileIsAsItsSpecificationSays() throws {
    let report = try fixture.report()
    let file = try JSONDecoder().decode(
      SpeedscopeFile.self, from: Data(fixture.export(.speedscope, .total)))
    #expect(file.schema == "https://www.speedscope.app/file-format-schema.json")
    let sums = file.profiles.map { $0.weights.reduce(0, +) }
    #expect(
      sums == [
        report.outstandingBytes, report.outstandingCount, report.totalBytes, report.totalCount,
        report.temporaryCount,
      ])
    for profile in file.profiles {
      #expect(profile.type == "sampled")
      #expect(["bytes", "none"].contains(profile.unit))
      #expect(profile.samples.count == profile.weights.count)
      #expect(profile.endValue - profile.startValue == profile.weights.reduce(0, +))
      #expect(
        profile.samples.allSatisfy {
          !$0.isEmpty && $0.allSatisfy(file.shared.frames.indices.contains)
        })
    }
    #expect(file.activeProfileIndex == 2)
    let named = file.profiles[0].samples.map { $0.map { file.shared.frames[$0].name } }
    #expect(
      named.contains([
        "main", "loop()", "serve(int)", "handleRequest", "Upload", "make_buffer", "copy_bytes",
      ]))
  }

  // MARK: Firefox Profiler

  @Test func theFirefoxProfilersTablesFitTogether() throws {
    let profile = try object(fixture.exportText(.firefox))
    let meta = try #require(profile["meta"] as? [String: Any])
    #expect(meta["preprocessedProfileVersion"] as? Int == 48)
    let thread = try #require((profile["threads"] as? [[String: Any]])?.first)
    /// Every column of a table is as long as the table says.
    func table(_ name: String, in owner: [String: Any], _ columns: Set<String>) throws -> [String:
      [Any]]
    {
      let table = try #require(owner[name] as? [String: Any], "\(name)")
      let arrays = table.compactMapValues { $0 as? [Any] }
      #expect(Set(arrays.keys) == columns, "\(name)")
      let length = try #require(table["length"] as? Int)
      #expect(arrays.values.allSatisfy { $0.count == length }, "\(name)")
      return arrays
    }
    /// The indices in a column point into a table; null where that is allowed.
    func expect(_ column: [Any]?, below count: Int, orNull: Bool = false, from least: Int = 0) {
      for value in column ?? ["missing"] {
        if orNull, value is NSNull { continue }
        let number = value as? Int ?? -99
        #expect(least <= number && number < count)
      }
    }
    let texts = try #require(thread["stringArray"] as? [String])
    let libs = try #require(profile["libs"] as? [[String: Any]])
    let stacks = try table(
      "stackTable", in: thread, ["frame", "prefix", "category", "subcategory"])
    let frames = try table(
      "frameTable", in: thread,
      [
        "address", "inlineDepth", "category", "subcategory", "func", "nativeSymbol",
        "innerWindowID", "implementation", "line", "column",
      ])
    let functions = try table(
      "funcTable", in: thread,
      ["name", "isJS", "relevantForJS", "resource", "fileName", "lineNumber", "columnNumber"])
    let resources = try table("resourceTable", in: thread, ["lib", "name", "host", "type"])
    _ = try table("nativeSymbols", in: thread, ["libIndex", "address", "name", "functionSize"])
    _ = try table("samples", in: thread, ["stack", "time", "eventDelay"])
    let markers = try table(
      "markers", in: thread, ["data", "name", "startTime", "endTime", "phase", "category"])
    let allocations = try table("nativeAllocations", in: thread, ["time", "weight", "stack"])
    let stackCount = stacks["frame"]?.count ?? 0
    expect(allocations["stack"], below: stackCount, orNull: true)
    expect(stacks["frame"], below: frames["func"]?.count ?? 0)
    for (index, prefix) in (stacks["prefix"] ?? []).enumerated() where !(prefix is NSNull) {
      // A caller stands before what it calls.
      #expect((prefix as? Int ?? .max) < index)
    }
    expect(frames["func"], below: functions["name"]?.count ?? 0)
    expect(functions["name"], below: texts.count)
    expect(functions["fileName"], below: texts.count, orNull: true)
    expect(functions["resource"], below: resources["lib"]?.count ?? 0, from: -1)
    expect(resources["lib"], below: libs.count)
    expect(resources["name"], below: texts.count)
    expect(markers["name"], below: texts.count)
    #expect((markers["name"] as? [Int])?.map { texts[$0] } == ["half, \"way\""])
    let times = try #require(allocations["time"] as? [Double])
    #expect(times == times.sorted())
    let sum = (allocations["weight"] as? [Int])?.reduce(0, +)
    #expect(sum == (try fixture.report().outstandingBytes))
    let counter = try #require((profile["counters"] as? [[String: Any]])?.first)
    let counts = try table("samples", in: counter, ["time", "count"])
    #expect((counts["count"] as? [Int])?.reduce(0, +) == 1 << 20 + 800 * 4096)
  }
}
