// SPDX-License-Identifier: Apache-2.0
//
// Reading help of `memtrace report`: filters, groups, trees, folding, and screens of any kind.

import CTraceFormat
import Foundation
import MemtraceTestSupport
import Testing

@Suite struct ReportReadingTests {
  /// Blocks lost by two JavaScript functions, through an image that is not there any more.
  private func scriptTrace() -> TraceBuilder {
    let builder = TraceBuilder()
    builder.image("/gone/addon.node", start: 0x1000, end: 0x9000)
    builder.image("/gone/other.so", start: 0xa000, end: 0xb000)
    builder.codeNames(
      """
      70000000 100 JS:~handle /srv/app.js:17:9
      70001000 100 JS:~serve /srv/app.js:30:1
      70002000 100 JS:~emit node:events:500:3

      """, at: 1)
    let main = builder.window(thread: 1, name: "main")
    let handle = builder.stack([0x1110, 0x7000_0010, 0x7000_2010])
    let serve = builder.stack([0x1220, 0x7000_1010, 0x7000_2010])
    let other = builder.stack([0xa010])
    main.malloc(0x100, 1000, stack: handle, at: 1_000_000)
    main.malloc(0x200, 3000, stack: serve, at: 5_000_000)
    main.malloc(0x300, 96_000, stack: other, at: 6_000_000)
    builder.end(at: 10_000_000)
    return builder
  }

  private func text(_ options: String...) throws -> String {
    let trace = try TemporaryTrace(scriptTrace())
    let result = try BuiltCommand.run(["report", trace.path.string] + options)
    #expect(result.status == 0)
    #expect(result.errors == "")
    return result.output
  }

  private func json(_ options: String...) throws -> [String: Any] {
    let trace = try TemporaryTrace(scriptTrace())
    let result = try BuiltCommand.run(["report", "--format", "json", trace.path.string] + options)
    #expect(result.status == 0)
    let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
    return try #require(object as? [String: Any])
  }

  private func bytes(_ list: Any?) -> [Int] {
    (list as? [[String: Any]] ?? []).compactMap { $0["outstandingBytes"] as? Int }
  }

  @Test func onlyImageTakesAPatternOfNamesOrPaths() throws {
    #expect(bytes(try json("--only-image", "*.node")["sites"]) == [3000, 1000])
    #expect(bytes(try json("--only-image", "/gone/*")["sites"]) == [96_000, 3000, 1000])
    #expect(bytes(try json("--only-image", "gone/*")["sites"]) == [])
    let both = try json("--only-image", "*.node", "--only-image", "oth?r.so", "--filter", "app.js")
    #expect(bytes(both["sites"]) == [3000, 1000])
    let selection = try #require(both["selection"] as? [String: Any])
    #expect(selection["onlyImages"] as? [String] == ["*.node", "oth?r.so"])
    #expect(selection["matchingBytes"] as? Int == 4000)
    #expect(selection["matchingCount"] as? Int == 2)
    #expect(selection["matchingTotalBytes"] as? Int == 4000)
    #expect((both["summary"] as? [String: Any])?["outstandingBytes"] as? Int == 100_000)
    #expect(
      try text("--only-image", "*.node").contains(
        "--only-image '*.node': 2 of 3 stacks, 4.0 % of the bytes"))
  }

  @Test(arguments: ["function", "image", "js"])
  func groupsAddUpToTheTotals(key: String) throws {
    let report = try json("--group-by", key)
    let grouping = try #require(report["grouping"] as? [String: Any])
    #expect(grouping["by"] as? String == key)
    let groups = bytes(grouping["groups"])
    #expect(groups.reduce(0, +) == 100_000)
    #expect(grouping["groupCount"] as? Int == groups.count)
    #expect(bytes(report["sites"]).count == 3)
    let cut = try json("--group-by", key, "--top", "1")["grouping"] as? [String: Any]
    #expect(bytes(cut?["groups"]) == [96_000])
    #expect(cut?["groupCount"] as? Int == groups.count)
  }

  @Test func groupsByJavaScriptHaveItsPlace() throws {
    let grouping = try json("--group-by", "js")["grouping"] as? [String: Any]
    let groups = try #require(grouping?["groups"] as? [[String: Any]])
    #expect(groups.map { $0["function"] as? String } == [nil, "serve", "handle"])
    #expect(groups[1]["line"] as? Int == 30)
    #expect(groups[1]["file"] as? String == "/srv/app.js")
    #expect(groups[1]["kind"] as? String == "javascript")
    let internals = try json("--group-by", "js", "--filter", "node:", "--no-fold")
    #expect(bytes((internals["grouping"] as? [String: Any])?["groups"]) == [3000, 1000])
    let text = try text("--group-by", "js")
    #expect(text.contains("Outstanding, by JavaScript function  3 JavaScript functions"))
    #expect(text.contains("serve  /srv/app.js:30:1"))
  }

  @Test(arguments: ["bottom-up", "top-down"])
  func rootsAddUpToTheTotals(direction: String) throws {
    let tree = try #require(try json("--tree", direction)["tree"] as? [String: Any])
    #expect(tree["direction"] as? String == direction)
    let nodes = try #require(tree["nodes"] as? [[String: Any]])
    let roots = nodes.filter { $0["parent"] is NSNull }
    #expect(bytes(roots).reduce(0, +) == 100_000)
    for (index, node) in nodes.enumerated() {
      #expect((node["parent"] as? Int ?? -1) < index)
    }
    // Of the two ways into the add-on emit is the outermost.
    let functions = try #require(tree["functions"] as? [[String: Any]])
    let names = roots.compactMap { $0["functionIndex"] as? Int }.map {
      functions[$0]["function"] as? String
    }
    #expect(names.contains("emit") == (direction == "top-down"))
    #expect(try text("--tree", direction).contains("Outstanding, \(direction)"))
  }

  @Test func plumbingIsFoldedInTextAloneAndOnlyWhileThatIsWanted() throws {
    #expect(try text().contains("… 1 more"))
    #expect(!(try text().contains("emit")))
    #expect(try text("--no-fold").contains("emit"))
    #expect(!(try text("--no-fold", "--frames", "1").contains("emit")))
    #expect(try text("--frames", "0") == text())
    for options in [["--fold"], ["--no-fold"], ["--frames", "1"]] {
      let trace = try TemporaryTrace(scriptTrace())
      let json = ["report", trace.path.string, "--format", "json"]
      #expect(try BuiltCommand.run(json + options).output == BuiltCommand.run(json).output)
    }
  }

  @Test func aFileGetsWhatAScreenWouldShow() throws {
    let folder = try TemporaryFolder()
    let trace = try folder.file("trace.bin", scriptTrace().bytes)
    for options in [["--tree", "top-down"], ["--group-by", "image", "--no-fold"]] {
      let file = folder.path + "/report.txt"
      #expect(try BuiltCommand.run(["report", trace, "-o", file] + options).status == 0)
      #expect(
        try String(contentsOfFile: file, encoding: .utf8)
          == BuiltCommand.run(["report", trace] + options).output)
    }
  }

  @Test(arguments: [
    ["--group-by", "file"], ["--tree", "sideways"], ["--frames=-1"], ["--only-image", ""],
    ["--tree", "top-down", "--group-by", "js"], ["--fold=yes"],
  ])
  func wrongUsageIs64(options: [String]) throws {
    let result = try BuiltCommand.run(["report"] + options)
    #expect(result.status == 64)
    #expect(result.isOneLineError, "\(result.errors)")
    #expect(result.output == "")
  }

  @Test(arguments: [
    ["LC_ALL": "C"], ["LANG": "de_DE"], [:], ["LANG": "C.UTF-8", "LC_CTYPE": "POSIX"],
  ])
  func aScreenWithoutUTF8GetsASCII(environment: [String: String]) throws {
    let trace = try TemporaryTrace(scriptTrace())
    for options in [[], ["--tree", "bottom-up", "--no-fold"]] {
      let shown = try BuiltCommand.onTerminal(
        columns: 60, ["report", trace.path.string] + options, environment: environment)
      #expect(shown.utf8.allSatisfy { $0 < 0x80 })
      #expect(shown.contains("100 % "))
    }
  }

  @Test func aScreenWithUTF8GetsItAndNarrowOnesAreKeptTo() throws {
    let trace = try TemporaryTrace(scriptTrace())
    for (columns, environment): (UInt16, [String: String]) in [
      (20, ["LANG": "en_US.UTF-8", "TERM": "dumb"]), (45, ["LC_ALL": "C.utf8", "NO_COLOR": "1"]),
    ] {
      let shown = try BuiltCommand.onTerminal(
        columns: columns, ["report", trace.path.string], environment: environment)
      #expect(shown.contains("…"))
      #expect(!shown.contains("\u{1b}"))
      let lines = shown.split(separator: "\n").filter { !$0.contains("memtrace report") }
      #expect(lines.allSatisfy { $0.count <= Int(columns) })
    }
  }
}
