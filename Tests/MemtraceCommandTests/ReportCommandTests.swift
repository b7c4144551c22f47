// SPDX-License-Identifier: Apache-2.0
//
// `memtrace report` as built: what it prints, where, and its exit status for input good and bad.

import CTraceFormat
import Foundation
import MemtraceTestSupport
import Testing

@Suite struct ReportCommandTests {
  /// A small sound trace: two stacks that leak, one mark.
  private func sampleTrace() -> TraceBuilder {
    let builder = TraceBuilder()
    let main = builder.window(thread: 1, name: "main")
    let one = builder.stack([0x1110, 0x1220])
    let two = builder.stack([0x1330, 0x1220])
    main.malloc(0x100, 1000, stack: one, at: 1_000_000)
    main.malloc(0x200, 3000, stack: two, at: 5_000_000)
    main.malloc(0x300, 20 << 20, stack: two, at: 6_000_000)
    main.free(0x300, at: 7_000_000)
    builder.mark("warm", at: 4_000_000)
    builder.end(at: 10_000_000)
    return builder
  }

  private func json(_ result: CommandResult) throws -> [String: Any] {
    #expect(result.status == 0)
    #expect(result.errors == "")
    let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
    return try #require(object as? [String: Any])
  }

  private func outstanding(_ json: [String: Any]) -> Int? {
    (json["summary"] as? [String: Any])?["outstandingBytes"] as? Int
  }

  @Test func aTraceIsReportedAsTextAndAsJSON() throws {
    let trace = try TemporaryTrace(sampleTrace())
    let text = try BuiltCommand.run("report", trace.path.string)
    #expect(text.status == 0)
    #expect(text.errors == "")
    #expect(text.output.contains("3.9 KiB in 2 blocks were never freed"))
    #expect(!text.output.contains("\u{1b}"))
    let json = try json(BuiltCommand.run("report", "--format", "json", trace.path.string))
    #expect(outstanding(json) == 4000)
    #expect((json["largeAllocations"] as? [Any])?.count == 1)
  }

  @Test func aPageShowsTheCollectionsOfALogThatNodePrinted() throws {
    let trace = try TemporaryTrace(sampleTrace())
    let folder = try TemporaryFolder()
    func collection(_ kind: String, at milliseconds: Int) -> String {
      "[1:0x2c8a1c0]  \(milliseconds) ms: \(kind) 2.5 (3.0) -> 2.0 (4.0) MB, 0.8 / 0.0 ms  task;\n"
    }
    let log = try folder.file(
      "gc.log",
      (collection("Scavenge", at: 2) + collection("Mark-Compact", at: 4)
        + collection("Scavenge", at: 6)).utf8)
    let page = try BuiltCommand.run(
      "report", trace.path.string, "--format", "html", "--gc-log", log)
    #expect(page.status == 0 && page.errors == "")
    let collections = try #require(page.output.firstMatch(of: /"collections": {([^}]*)}/)).1
    #expect(collections.contains("\"count\": 3") && collections.contains("\"majors\": \"010\""))

    let text = try BuiltCommand.run("report", trace.path.string, "--gc-log", log)
    #expect(text.status == 64 && text.errors.contains("memtrace timeline"))
    let none = try BuiltCommand.run(
      "report", trace.path.string, "--format", "html", "--gc-log", try folder.file("empty", []))
    #expect(none.status == 65 && none.isOneLineError)
  }

  @Test func withoutANameTheTraceIsTraceBin() throws {
    let folder = try TemporaryFolder()
    _ = try folder.file("trace.bin", sampleTrace().bytes)
    let result = try BuiltCommand.run("report", in: folder.path)
    #expect(result.status == 0)
    #expect(result.output.contains("2 blocks"))
  }

  @Test func optionsChooseWhatIsReported() throws {
    let trace = try TemporaryTrace(sampleTrace())
    func report(_ options: String...) throws -> [String: Any] {
      try json(BuiltCommand.run(["report", "--format", "json"] + options + [trace.path.string]))
    }
    #expect(try outstanding(report("--from", "warm")) == 3000)
    #expect(try outstanding(report("--to", "warm")) == 1000)
    #expect(try outstanding(report("--from", "2ms", "--to", "5.5ms")) == 3000)
    #expect(try outstanding(report("--to", "0.0065s")) == 4000 + 20 << 20)
    #expect(try (report("--top", "1")["sites"] as? [Any])?.count == 1)
    #expect(try (report("--top", "0")["sites"] as? [Any])?.count == 2)
    #expect(try (report("--large", "21M")["largeAllocations"] as? [Any])?.count == 0)
    #expect(try (report("--large", "1000")["largeAllocations"] as? [Any])?.count == 3)
    let sorted = try report("--sort", "count")
    #expect((sorted["selection"] as? [String: Any])?["sort"] as? String == "count")
  }

  @Test func aReportCanGoToAFile() throws {
    let folder = try TemporaryFolder()
    let trace = try folder.file("trace.bin", sampleTrace().bytes)
    let file = folder.path + "/report.json"
    let result = try BuiltCommand.run("report", "--format", "json", "-o", file, trace)
    #expect(result.status == 0)
    #expect(result.output == "")
    #expect(try String(contentsOfFile: file, encoding: .utf8).hasPrefix("{\n  \"schema\""))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
    let device = try BuiltCommand.run("report", "-o", "/dev/null", trace)
    #expect(device.status == 0)
    #expect(
      try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type] as? FileAttributeType
        == .typeCharacterSpecial)
  }

  @Test func anOutputThatCannotBeWrittenIs73() throws {
    let folder = try TemporaryFolder()
    let trace = try folder.file("trace.bin", sampleTrace().bytes)
    for output in ["/nonexistent/folder/file", folder.path, trace, "/dev/full"] {
      let result = try BuiltCommand.run("report", "-o", output, trace)
      #expect(result.status == 73, "\(output)")
      #expect(result.isOneLineError, "\(result.errors)")
    }
    // The trace that was named as output is whole.
    #expect(try BuiltCommand.run("report", trace).status == 0)
  }

  @Test func badInputIsSaidInOneLine() throws {
    let folder = try TemporaryFolder()
    var newer = sampleTrace().bytes
    newer[8] = 99
    #expect(mkfifo(folder.path + "/fifo", 0o600) == 0)
    let bad = [
      try folder.file("empty", []),
      try folder.file("text", "This is no trace.\n".utf8),
      try folder.file("magic", "MEMTRACE".utf8),
      try folder.file("header", sampleTrace().bytes.prefix(100)),
      try folder.file("newer", newer),
      folder.path, folder.path + "/fifo", "/dev/null", "/dev/zero",
    ]
    for path in bad {
      let result = try BuiltCommand.run("report", path)
      #expect(result.status == 65, "\(path): \(result)")
      #expect(result.isOneLineError, "\(result.errors)")
      #expect(result.output == "")
    }
    for path in [folder.path + "/missing", folder.path + "/empty/below"] {
      let result = try BuiltCommand.run("report", path)
      #expect(result.status == 66, "\(path)")
      #expect(result.isOneLineError, "\(result.errors)")
    }
  }

  @Test func aTruncatedTraceIsReportedInPartWithAWarning() throws {
    let bytes = sampleTrace().bytes
    let folder = try TemporaryFolder()
    for byteCount in [bytes.count - 1, bytes.count - 40, 4096 + 200, 4096] {
      let path = try folder.file("cut", bytes.prefix(byteCount))
      let json = try json(BuiltCommand.run("report", "--format", "json", path))
      #expect((json["trace"] as? [String: Any])?["complete"] as? Bool == false)
      #expect((json["warnings"] as? [String])?.isEmpty == false)
      #expect(try BuiltCommand.run("report", path).output.contains("!"))
    }
  }

  @Test(arguments: [
    ["report", "--bogus"], ["report", "--top", "many"], ["report", "--top=-1"],
    ["report", "--sort", "size"], ["report", "--format", "xml"], ["report", "--large", "big"],
    ["report", "--burst-window", "0"], ["report", "a", "b"], ["frobnicate"], ["run"],
    ["run", "--"],
    ["run", "--bogus", "true"], ["run", "--depth", "0", "true"], ["mark"], ["mark", "1"],
    ["mark", "-1", "x"], ["mark", "abc", "x"], ["mark", "1", ""], ["doctor", "--bogus"],
  ])
  func wrongUsageIs64(arguments: [String]) throws {
    let result = try BuiltCommand.run(arguments)
    #expect(result.status == 64)
    #expect(result.isOneLineError, "\(result.errors)")
    #expect(result.output == "")
  }

  @Test func questionsATraceCannotAnswerAre64() throws {
    let trace = try TemporaryTrace(sampleTrace())
    for options in [["--from", "cold"], ["--from", "9ms", "--to", "warm"], ["--filter", "("]] {
      let result = try BuiltCommand.run(["report"] + options + [trace.path.string])
      #expect(result.status == 64, "\(options)")
      #expect(result.isOneLineError, "\(result.errors)")
    }
    #expect(
      try BuiltCommand.run("report", "--from", "cold", trace.path.string).errors.contains("'warm'"))
  }

  @Test func helpAndVersionAreNoErrors() throws {
    for arguments in [
      ["--help"], ["help", "run"], ["report", "--help"], ["run", "--help"], ["doctor", "-h"],
      ["--version"],
      [],
    ] {
      let result = try BuiltCommand.run(arguments)
      #expect(result.status == 0, "\(arguments)")
      #expect(result.errors == "")
      #expect(!result.output.isEmpty)
    }
  }

  @Test func colorIsForTerminalsUnlessAskedFor() throws {
    let trace = try TemporaryTrace(sampleTrace())
    let path = trace.path.string
    #expect(!(try BuiltCommand.run("report", path)).output.contains("\u{1b}"))
    #expect(try BuiltCommand.run("report", "--color", "always", path).output.contains("\u{1b}["))
    let narrow = try BuiltCommand.run("report", path, environment: ["COLUMNS": "50"])
    #expect(
      narrow.output.split(separator: "\n").filter { !$0.contains("memtrace ") }.allSatisfy {
        $0.count <= 50
      })
  }
}
