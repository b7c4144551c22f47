// SPDX-License-Identifier: Apache-2.0
//
// docs/timeline-json.md and docs/diff-json.md name every member that the JSON has.

import Foundation
import Testing

@testable import MemtraceAnalyzer

@Suite struct TimelineDocumentationTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private func page(_ names: String...) throws -> String {
    try names.map {
      try String(contentsOf: Self.root.appendingPathComponent("docs/\($0)"), encoding: .utf8)
    }.joined()
  }

  private func text(_ render: (ReportOutput) -> Void) throws -> String {
    var bytes: [UInt8] = []
    let output = ReportOutput { bytes += $0 }
    render(output)
    try output.finish()
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func everyMemberOfTheTimelineIsDocumented() throws {
    let timeline = try AnalysisFixture.withEverything()
    let json = try text { JSONTimeline().render(timeline, to: $0) }
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    var names: Set<String> = []
    collect(object, into: &names)
    #expect(names.count > 90)
    let page = try page("timeline-json.md", "report-json.md")
    for name in names.sorted() { #expect(page.contains("`\(name)`"), "\(name)") }
    // As the issue that asked for it has it.
    #expect(object["schema"] as? String == "memtrace-timeline/1")
    #expect((object["pattern"] as? [String: Any])?["malloc"] is String)
    #expect(object["rateBytesPerHour"] is Int)
    for list in ["growingSites", "growingMappings", "events", "operations", "parts"] {
      #expect((object[list] as? [Any])?.isEmpty == false, "\(list)")
    }
    for member in ["spike", "collector", "death", "verdict", "series"] {
      #expect(object[member] is [String: Any], "\(member)")
    }
  }

  @Test func everyMemberOfTheDiffIsDocumented() throws {
    let fixture = AnalysisFixture()
    fixture.leak(steps: 20)
    fixture.builder.end(at: 400 * AnalysisFixture.millisecond)
    let trace = try TemporaryTraceBox(fixture).trace
    var options = DiffOptions()
    options.from = .nanoseconds(50 * AnalysisFixture.millisecond)
    let diff = try Analyzer.diff(of: trace, options: options, using: &fixture.symbolicator)
    let json = try text { JSONDiff().render(diff, to: $0) }
    var names: Set<String> = []
    collect(try JSONSerialization.jsonObject(with: Data(json.utf8)), into: &names)
    let page = try page("diff-json.md", "report-json.md")
    for name in names.sorted() { #expect(page.contains("`\(name)`"), "\(name)") }
    #expect(json.contains("\"memtrace-diff/1\""))
  }

  @Test func theTextAndThePageSayTheSameVerdict() throws {
    let timeline = try AnalysisFixture.withEverything()
    var options = TextOptions()
    options.width = 80
    let screen = try text { TextTimeline(options: options).render(timeline, to: $0) }
    #expect(screen.contains("Verdict: \(timeline.verdict.kind.rawValue)"))
    for line in screen.split(separator: "\n") { #expect(PrintableText.width(String(line)) <= 80) }
    let page = try text { MarkdownInvestigation().render(timeline, to: $0) }
    #expect(page.contains("**\(timeline.verdict.kind.rawValue)**"))
    for heading in [
      "Symptom", "Measurements", "Which operation", "Checks made", "Top suspects",
      "Likely root cause", "Where to fix",
    ] {
      #expect(page.contains("\n## \(heading)"), "\(heading)")
    }
    options.isASCII = true
    let plain = try text { TextTimeline(options: options).render(timeline, to: $0) }
    #expect(plain.utf8.allSatisfy { $0 < 0x80 })
  }

  private func collect(_ json: Any, into names: inout Set<String>) {
    if let object = json as? [String: Any] {
      names.formUnion(object.keys)
      object.values.forEach { collect($0, into: &names) }
    } else if let array = json as? [Any] {
      array.forEach { collect($0, into: &names) }
    }
  }
}
