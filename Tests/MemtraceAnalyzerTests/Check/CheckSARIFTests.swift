// SPDX-License-Identifier: Apache-2.0
//
// SARIF, held against models that were generated from its published schema (.ci/schemas), and against
// what the specification demands beside the schema.

import Foundation
import Testing

@testable import MemtraceAnalyzer

@Suite struct CheckSARIFTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
  private static let python = root + "/build/schemas/bin/python"

  private func sarif(_ result: CheckResult, root: String = "/srv/app") throws -> (
    text: String, run: [String: Any]
  ) {
    let text = CheckSARIF(root: root, version: "0.1.0").string(result)
    let log = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    #expect(log?["version"] as? String == "2.1.0")
    let runs = try #require(log?["runs"] as? [[String: Any]])
    return (text, try #require(runs.first))
  }

  @Test(
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: python), "no models of the schema"))
  func thePublishedSchemaAcceptsIt() throws {
    for result in [SampleCheck.failing, SampleCheck.passing] {
      let file = FileManager.default.temporaryDirectory.appendingPathComponent(
        "memtrace-\(UUID().uuidString).sarif")
      defer { try? FileManager.default.removeItem(at: file) }
      try Data(sarif(result).text.utf8).write(to: file)
      let process = Process()
      process.executableURL = URL(fileURLWithPath: Self.python)
      process.arguments = [
        "-c",
        """
        import json, sys
        from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Log
        log = json.load(open(sys.argv[1]))
        Log.model_validate(log)
        del log["runs"][0]["tool"]
        try:
            Log.model_validate(log)
        except Exception:
            sys.exit(0)
        sys.exit(3)
        """, file.path,
      ]
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
    }
  }

  @Test func everyResultHasItsRuleAndAMessage() throws {
    let (_, run) = try sarif(SampleCheck.failing)
    let driver = (run["tool"] as? [String: Any])?["driver"] as? [String: Any]
    let rules = try #require(driver?["rules"] as? [[String: Any]])
    let results = try #require(run["results"] as? [[String: Any]])
    #expect(results.count == SampleCheck.failing.failures.count)
    for result in results {
      let index = try #require(result["ruleIndex"] as? Int)
      #expect(rules[index]["id"] as? String == result["ruleId"] as? String)
      #expect(((result["message"] as? [String: Any])?["text"] as? String)?.isEmpty == false)
    }
    #expect((try sarif(SampleCheck.passing).run["results"] as? [Any])?.isEmpty == true)
  }

  @Test func aLocationIsTheAddonsLineRelativeToTheRoot() throws {
    let (_, run) = try sarif(SampleCheck.failing)
    let results = try #require(run["results"] as? [[String: Any]])
    let grown = try #require(
      results.first {
        ((($0["message"] as? [String: Any])?["text"] as? String) ?? "").contains("make_buffer")
      })
    let location = (grown["locations"] as? [[String: Any]])?.first
    let physical = try #require(location?["physicalLocation"] as? [String: Any])
    let artifact = physical["artifactLocation"] as? [String: String]
    #expect(artifact == ["uri": "src/my%20addon.cc", "uriBaseId": "%SRCROOT%"])
    #expect(physical["region"] as? [String: Int] == ["startLine": 57, "startColumn": 9])
    let bases = run["originalUriBaseIds"] as? [String: [String: String]]
    #expect(bases?["%SRCROOT%"]?["uri"] == "file:///srv/app/")
    // Elsewhere it is named in full.
    let (text, _) = try sarif(SampleCheck.failing, root: "/elsewhere")
    #expect(text.contains("\"uri\": \"file:///srv/app/src/my%20addon.cc\""))
  }

  @Test func everyURIIsOne() throws {
    let (text, run) = try sarif(SampleCheck.failing)
    var count = 0
    func look(at json: Any) {
      if let object = json as? [String: Any] {
        if let uri = object["uri"] as? String {
          count += 1
          #expect(uri.wholeMatch(of: /[A-Za-z0-9\-._~\/+@,=:%]*/) != nil, "\(uri)")
          #expect(uri.matches(of: /%(?![0-9A-F]{2})/).isEmpty, "\(uri)")
        }
        object.values.forEach(look)
      } else if let array = json as? [Any] {
        array.forEach(look)
      }
    }
    look(at: run)
    #expect(count > 10)
    #expect(
      text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0.value != 0x202e })
  }

  @Test func theSameSiteOfAnotherBuildHasTheSameFingerprint() throws {
    func fingerprints(_ result: CheckResult) throws -> [String] {
      let results = try sarif(result).run["results"] as? [[String: Any]] ?? []
      return results.compactMap {
        ($0["partialFingerprints"] as? [String: String])?["memtraceSite/v1"]
      }
    }
    var moved = SampleCheck.failing
    for index in moved.leaks.indices {
      for frame in moved.leaks[index].frames.indices {
        moved.leaks[index].frames[frame].address &+= 0x1000
        moved.leaks[index].frames[frame].line? += 5
        moved.leaks[index].frames[frame].file?.insert(contentsOf: "/build", at: "".startIndex)
      }
    }
    let before = try fingerprints(SampleCheck.failing)
    #expect(try fingerprints(moved) == before)
    #expect(Set(before).count == 2)
  }
}
