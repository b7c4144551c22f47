// SPDX-License-Identifier: Apache-2.0
//
// Every form of a result says what it must, in the grammar it must, whatever names occur in it.

import Foundation
import Testing

@testable import MemtraceAnalyzer

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct CheckFormTests {
  private let failing = SampleCheck.failing
  private let passing = SampleCheck.passing

  private func object(_ text: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  /// No byte steers a terminal or turns the direction of text.
  private func isPlain(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { scalar in
      switch scalar.value {
      case 0x0a: true
      case 0..<0x20, 0x7f..<0xa0, 0x202a...0x202e, 0x2066...0x2069, 0x200e, 0x200f: false
      default: true
      }
    }
  }

  @Test func everyKindOfFailureIsThere() {
    #expect(
      Set(failing.failures.map(\.kind)) == Set(CheckFailure.Kind.allCases.filter { $0 != .leak }))
    var leaking = passing
    leaking.leaks = [SampleCheck.site(8, 1, SampleCheck.addonStack)]
    leaking.judge(notRecorded: nil)
    #expect(leaking.failures == [.leak(site: 0, byteCount: 8, blockCount: 1)])
    #expect(passing.passed)
  }

  /// A trace may claim blocks that no machine has.
  @Test func noAmountIsTooMuchForWords() {
    let limit = CheckLimit(.peakBytes, .total, 1)
    let words = CheckWords(result: failing)
    #expect(
      words.message(.total(limit, measured: Double(UInt64.max)))
        == "a peak of 18,446,744,073,709,551,615 B in all, more than \(limit.option) 1")
    let highest = CheckLimit(.peakBytes, .total, Double(UInt64.max))
    #expect(words.message(.total(highest, measured: .infinity)).hasSuffix(" 18446744073709551615"))
  }

  // MARK: JSON

  @Test func jsonHasExactNumbersAndStacks() throws {
    let json = try object(CheckJSON().string(failing))
    #expect(json["schema"] as? String == "memtrace-check/1")
    #expect(json["passed"] as? Bool == false)
    let growth = try #require(json["growth"] as? [String: Any])
    #expect(growth["batchCount"] as? Int == 5)
    #expect(growth["iterationsPerBatch"] as? Int == 100)
    #expect(growth["bytesPerIteration"] as? Double == 0.48)
    let sites = try #require(growth["sites"] as? [[String: Any]])
    #expect(sites.count == 2)
    #expect((sites[0]["batches"] as? [[String: Int]])?.first == ["bytes": 24, "count": 1])
    #expect((sites[0]["stack"] as? [[String: Any]])?.count == 4)
    #expect((sites[0]["nativeFrame"] as? [String: Any])?["line"] as? Int == 57)
    #expect((sites[0]["javascriptFrame"] as? [String: Any])?["line"] as? Int == 12)
    for failure in try #require(json["failures"] as? [[String: Any]]) {
      guard let index = failure["siteIndex"] as? Int else { continue }
      let list = try #require(failure["siteList"] as? String)
      let holder = list == "peaks" ? json["peaks"] : (json[list] as? [String: Any])?["sites"]
      #expect((holder as? [Any])?.indices.contains(index) == true)
    }
    #expect(try object(CheckJSON().string(passing))["passed"] as? Bool == true)
    #expect(isPlain(CheckJSON().string(failing)))
  }

  @Test func docsNameEveryMemberOfTheJSON() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let page = try String(
      contentsOf: root.appendingPathComponent("docs/check-json.md"), encoding: .utf8)
    var names: Set<String> = []
    func collect(_ json: Any) {
      if let object = json as? [String: Any] {
        names.formUnion(object.keys)
        object.values.forEach(collect)
      } else if let array = json as? [Any] {
        array.forEach(collect)
      }
    }
    collect(try object(CheckJSON().string(failing)))
    #expect(names.count > 60)
    for name in names.sorted() { #expect(page.contains("`\(name)`"), "\(name)") }
    for kind in CheckFailure.Kind.allCases { #expect(page.contains("`\(kind.rawValue)`")) }
  }

  // MARK: Text

  @Test func textSaysTheVerdictFirstAndTheJavaScriptBeforeTheStack() {
    let text = CheckText().string(failing)
    #expect(text.hasPrefix("FAILED  "))
    let script = text.range(of: "at handle (app.js:12:22)")
    let native = text.range(of: "make_buffer")
    #expect(script != nil && native != nil)
    if let script, let native { #expect(script.lowerBound < native.lowerBound) }
    #expect(text.contains("4.0 KiB in 4 blocks leaked, more than the baseline's 8 B in 1 block"))
    #expect(text.contains("unused:"))
    #expect(isPlain(text))
    #expect(CheckText().string(passing).hasPrefix("passed  nothing leaked"))
  }

  // MARK: JUnit

  @Test func junitIsValidInBothOfItsSchemas() throws {
    for result in [failing, passing] {
      let text = CheckJUnit().string(result)
      let document = try JUnitDocument(text)
      #expect(document.suites.count == 1)
      let suite = try #require(document.suites.first)
      // What Ant's schema requires; Jenkins' requires less.
      for name in [
        "name", "timestamp", "hostname", "tests", "failures", "errors", "time", "package", "id",
      ] {
        #expect(suite[name]?.isEmpty == false, "\(name)")
      }
      #expect(suite["timestamp"]?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/) != nil)
      #expect(
        document.elements.first == "properties"
          && document.elements.suffix(2) == ["system-out", "system-err"])
      #expect(suite["tests"].flatMap(Int.init) == document.cases.count)
      #expect(suite["failures"].flatMap(Int.init) == document.failures.count)
      #expect(suite["errors"].flatMap(Int.init) == document.errors.count)
      #expect(document.cases.allSatisfy { Set($0.keys) == ["name", "classname", "time"] })
      #expect((document.failures + document.errors).allSatisfy { $0["type"] != nil })
      #expect(document.rootAttributes.isEmpty)
      #expect(isPlain(text))
    }
    let document = try JUnitDocument(CheckJUnit().string(failing))
    #expect(document.failures.count + document.errors.count == failing.failures.count)
    #expect(document.errors.count == 3)
    #expect(document.text.contains("/srv/app/src/my addon.cc:57"))
  }

  // MARK: TAP

  @Test func tapHasAPlanAndAPointForEach() throws {
    for result in [failing, passing] {
      let lines = CheckTAP().string(result).split(
        separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.first == "TAP version 14")
      let count = max(1, result.failures.count)
      #expect(lines[1] == "1..\(count)")
      var number = 0
      var isInYAML = false
      for line in lines.dropFirst(2) where !line.isEmpty {
        if line == "  ---" {
          isInYAML = true
        } else if line == "  ..." {
          isInYAML = false
        } else if isInYAML {
          #expect(line.hasPrefix("  "))
          // What is in quotation marks is a scalar of JSON.
          if let quote = line.firstIndex(of: "\"") {
            #expect(
              (try? JSONSerialization.jsonObject(
                with: Data(line[quote...].utf8), options: .fragmentsAllowed)) is String, "\(line)")
          }
        } else {
          number += 1
          let state = result.passed ? "ok" : "not ok"
          #expect(line.hasPrefix("\(state) \(number) - "), "\(line)")
          // A bare # begins a directive.
          #expect(!line.replacing("\\#", with: "").contains("#"))
        }
      }
      #expect(number == count)
      #expect(isPlain(CheckTAP().string(result)))
    }
  }

  // MARK: GitHub

  @Test func everyAnnotationIsOneLineWithItsPropertiesEscaped() throws {
    let text = CheckGitHub(root: "/srv/app").string(failing)
    let lines = text.split(separator: "\n")
    #expect(lines.count == failing.failures.count)
    for line in lines {
      #expect(line.hasPrefix("::error "))
      let rest = line.dropFirst("::error ".count)
      let end = try #require(rest.range(of: "::"))
      for property in rest[..<end.lowerBound].split(separator: ",") {
        let parts = property.split(separator: "=", maxSplits: 1)
        #expect(["file", "line", "title"].contains(parts.first))
      }
      // A percent sign stands only in front of an escape.
      #expect(line.matches(of: /%(?!25|0A|0D|3A|2C)/).isEmpty, "\(line)")
    }
    #expect(text.contains("file=src/my addon.cc,line=57,"))
    #expect(isPlain(text))
    #expect(CheckGitHub(root: "/").string(passing).hasPrefix("::notice title=memtrace::"))
  }

  // MARK: Suppressions

  @Test(arguments: SuppressionWriter.Style.allCases)
  func printedSuppressionsSilenceWhatTheyWerePrintedFor(style: SuppressionWriter.Style) throws {
    var bytes: [UInt8] = []
    let output = ReportOutput { bytes += $0 }
    SuppressionWriter.write(failing.leaks, as: style, to: output)
    try output.finish()
    let text = String(decoding: bytes, as: UTF8.self)
    var options = CheckOptions()
    options.usesBuiltinSuppressions = false
    options.suppressions = [try SuppressionFile(text, path: "printed")]
    var set = SuppressionSet(options)
    let rest = set.unsuppressed(failing.leaks, withBuiltin: true)
    // A pattern takes a newline as it stands in the file; a name with one is silenced by its beginning.
    #expect(rest.isEmpty, "\(text)")
    #expect(set.uses.allSatisfy { $0.siteCount == 1 })
    #expect(
      !set.unsuppressed([SampleCheck.site(1, 1, [SampleCheck.addonStack[3]])], withBuiltin: true)
        .isEmpty)
  }
}

/// What a JUnit file says, as a reader sees it.
private final class JUnitDocument: NSObject, XMLParserDelegate {
  private(set) var rootAttributes: [String: String] = [:]
  private(set) var suites: [[String: String]] = []
  private(set) var cases: [[String: String]] = []
  private(set) var failures: [[String: String]] = []
  private(set) var errors: [[String: String]] = []
  /// The elements of the suite, in their order.
  private(set) var elements: [String] = []
  private(set) var text = ""
  private var path: [String] = []

  init(_ text: String) throws {
    super.init()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = self
    guard parser.parse() else {
      throw parser.parserError ?? CocoaError(.fileReadCorruptFile)
    }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String] = [:]
  ) {
    switch (path.last, name) {
    case (nil, "testsuites"): rootAttributes = attributes
    case ("testsuites", "testsuite"): suites.append(attributes)
    case ("testsuite", "testcase"): cases.append(attributes)
    case ("testcase", "failure"): failures.append(attributes)
    case ("testcase", "error"): errors.append(attributes)
    case ("testsuite", "properties"), ("testsuite", "system-out"), ("testsuite", "system-err"):
      break
    default: Issue.record("\(name) in \(path.last ?? "nothing")")
    }
    if path.last == "testsuite" { elements.append(name) }
    path.append(name)
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    path.removeLast()
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}
