// SPDX-License-Identifier: Apache-2.0
//
// Names come out of files that anyone may have made: none of them breaks a format, or is run by
// what opens it.

import Foundation
import MemtraceTestSupport
import Testing

@testable import MemtraceAnalyzer

@Suite struct HostileNameTests {
  static let names = [
    "</script><script>alert(1)</script>", "\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}8m\u{7f}", "a\nb\r\nc\td",
    "\u{202e}gnp.exe\u{202c}\u{2066}x\u{2069}", "nul\u{0}byte", "a;b;c 12", "\"quoted\\\" \\N",
    "=cmd|' /C calc'!A0", "-[Object method:]", "@sum(A1)", "(1)", "(7) fn=x", "fn=y\ncalls=1 2",
    "&lt;b&gt; &amp; <b>", String(decoding: [0x66, 0xff, 0xfe, 0xc3, 0x28], as: UTF8.self),
    "{\"type\": \"site\"}", "\u{2028}line\u{2029}", "e\u{301}\u{301} 漢字 👩‍👩‍👧",
    " leading and trailing ",
    "std::map<" + String(repeating: "std::pair<int, std::string>, ", count: 3500) + ">", "", "%s%n",
    "..\\..\\x", "'; DROP TABLE sites; --", "${HOME}$(touch /tmp/x)`id`", "|pipe", "a,b,\"c\"",
  ]

  private let fixture: ExportFixture
  private let folder: ScratchFolder

  init() throws {
    fixture = try ExportFixture(hostileNames: Self.names)
    folder = try ScratchFolder()
  }

  /// Nothing but text, line ends and tabs.
  private func expectPrintable(_ text: String, _ format: ExportFormat) {
    let found = text.unicodeScalars.filter { scalar in
      switch scalar.value {
      case 0x0a, 0x0d: false
      case 0..<0x20, 0x7f..<0xa0, 0x2028...0x2029: true
      // Direction marks may stand in JSON: a string is not shown, it is read.
      case 0x202a...0x202e, 0x2066...0x2069:
        ![.heapprofile, .speedscope, .firefox, .ndjson].contains(format)
      default: false
      }
    }
    #expect(found.isEmpty, "\(format)")
  }

  @Test(arguments: ExportFormat.allCases.filter { !$0.isBinary })
  func noFormatHoldsWhatSteersAScreen(format: ExportFormat) throws {
    let text = try fixture.exportText(format)
    expectPrintable(text, format)
    #expect(!text.isEmpty)
  }

  private var expected: Int { get throws { try fixture.report().outstandingBytes } }

  @Test func pprofReadsEachNameAsOne() throws {
    let file = try folder.file("heap.pb.gz", fixture.export(.pprof))
    let result = try Program.run(
      "go", ["tool", "pprof", "-symbolize=none", "-top", "-nodecount=0", "-unit=B", file],
      environment: ["HOME": folder.path])
    #expect(result.status == 0)
    #expect(result.output.contains("of \(try expected)B total"))
    for index in Self.names.indices where !Self.names[index].isEmpty {
      #expect(result.output.contains(" \(ExportFixture.amount(ofName: index))B "), "\(index)")
    }
  }

  @Test(arguments: [ExportFormat.heapprofile, .speedscope, .firefox])
  func jsonIsJSON(format: ExportFormat) throws {
    let json = try JSONSerialization.jsonObject(with: Data(fixture.export(format)))
    var texts: Set<String> = []
    var open: [Any] = [json]
    while let value = open.popLast() {
      if let object = value as? [String: Any] { open += object.values }
      if let array = value as? [Any] { open += array }
      if let text = value as? String { texts.insert(text) }
    }
    // 100 kB are 100 kB.
    #expect(texts.contains { $0.utf8.count > 100_000 })
    #expect(texts.contains("</script><script>alert(1)</script>"))
    #expect(texts.contains("'; DROP TABLE sites; --"))
  }

  @Test func eachLineOfNDJSONIsOneObject() throws {
    let objects = try fixture.exportText(.ndjson).split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    let sites = objects.filter { $0["type"] as? String == "site" }
    #expect(sites.reduce(0) { $0 + ($1["outstandingBytes"] as? Int ?? 0) } == (try expected))
    let names = sites.compactMap {
      ($0["stack"] as? [[String: Any]])?.first?["function"] as? String
    }
    // In JSON names are whole and unchanged.
    #expect(Set(names).isSuperset(of: Self.names.filter { !$0.isEmpty }))
  }

  @Test func aCollapsedStackIsOneLine() throws {
    var sum = 0
    var amounts: Set<Int> = []
    for line in try fixture.exportText(.collapsed).split(separator: "\n") {
      let amount = try #require(Int(line.split(separator: " ").last ?? ""), "\(line.prefix(80))")
      sum += amount
      amounts.insert(amount)
      // main; the script's function; the hostile one.
      if amount >= 100_003 { #expect(line.filter { $0 == ";" }.count == 2, "\(line.prefix(200))") }
    }
    #expect(sum == (try expected))
    #expect(amounts.isSuperset(of: Self.names.indices.map(ExportFixture.amount)))
  }

  @Test func callgrindAnnotateReadsEachNameAsOne() throws {
    let file = try folder.file("callgrind.out", fixture.exportText(.callgrind))
    let result = try Program.run("callgrind_annotate", ["--threshold=100", file])
    #expect(result.status == 0 && result.errors == "", "\(result.errors)")
    let lines = result.output.split(separator: "\n").map { $0.replacing(",", with: "") }
    let expected = try expected
    #expect(lines.contains { $0.hasPrefix("\(expected) ") && $0.hasSuffix("PROGRAM TOTALS") })
    for index in Self.names.indices {
      #expect(
        lines.contains {
          $0.trimmingPrefix(#/ */#).hasPrefix("\(ExportFixture.amount(ofName: index)) (")
        },
        "\(Self.names[index].prefix(80))")
    }
  }

  @Test func msPrintReadsEachNameAsOne() throws {
    let file = try folder.file("massif.out", fixture.exportText(.massif))
    let result = try Program.run("ms_print", ["--threshold=0", file])
    #expect(result.status == 0 && result.errors == "", "\(result.errors)")
    for index in Self.names.indices {
      let digits = Quantity.count(UInt64(ExportFixture.amount(ofName: index)))
      #expect(result.output.contains(" (\(digits)B) 0x"), "\(Self.names[index].prefix(80))")
    }
  }

  @Test func dotDrawsThem() throws {
    let file = try folder.file("graph.dot", fixture.exportText(.dot))
    let result = try Program.run("dot", ["-Tsvg", file])
    #expect(result.status == 0 && result.errors == "", "\(result.errors.prefix(500))")
    #expect(try XMLDocumentCheck(result.output).isWellFormed)
    #expect(!result.output.contains("<script"))
    // dot knows the entities of HTML; a name has none.
    #expect(result.output.contains("&amp;lt;b&amp;gt; &amp;amp; &lt;b&gt;"))
    #expect(result.output.contains("(\(try expected))"))
  }

  @Test func sqliteReadsEachNameAsOneAndASpreadsheetRunsNone() throws {
    let text = try fixture.exportText(.csv)
    let file = try folder.file("sites.csv", text)
    let result = try Program.run(
      "sqlite3", ["-batch", "-bail", ":memory:"],
      input: """
        .import --csv \(file) sites
        SELECT count(*), sum(outstandingBytes) FROM sites;
        SELECT count(*) FROM sites WHERE outstandingBytes >= 100003 AND totalCount = 1;
        SELECT count(*) FROM sites WHERE function GLOB '[=+@-]*' OR stack GLOB '[=+@-]*';
        SELECT function FROM sites WHERE function LIKE '%DROP%';
        """)
    #expect(result.status == 0 && result.errors == "", "\(result.errors)")
    let lines = result.output.split(separator: "\n")
    #expect(lines[0] == "\(try fixture.report().sites.count)|\(try expected)")
    #expect(lines[1] == "\(Self.names.count)")
    #expect(lines[2] == "0")
    #expect(lines[3] == "'; DROP TABLE sites; --")
  }
}
