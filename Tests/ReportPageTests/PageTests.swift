// SPDX-License-Identifier: Apache-2.0
//
// Whole pages: their policy, their size, and what a real browser makes of them.

import Foundation
import MemtraceTestSupport
import ReportPage
import Testing

@testable import MemtraceAnalyzer

/// One browser after the other: each takes the machine for itself.
@Suite(.serialized) struct PageTests {
  private func page(_ report: LeakReport, _ options: HTMLOptions = HTMLOptions()) -> String {
    HTMLRenderer(options: options).string(report)
  }

  /// The data of a page, as its script reads it.
  private func data(of page: String) throws -> [String: Any] {
    let open = try #require(page.range(of: "<script id=\"data\" type=\"application/json\">"))
    let close = try #require(page[open.upperBound...].range(of: "</script>"))
    let json = page[open.upperBound..<close.lowerBound]
    return try #require(
      JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
  }

  @Test func thePolicyNamesTheScriptAndTheStyleAndNothingElse() throws {
    let page = page(MadeReport.hostile)
    let policy = try #require(page.firstMatch(of: /Content-Security-Policy" content="([^"]*)"/)).1
    let directives = policy.split(separator: "; ").map(String.init)
    #expect(directives.first == "default-src 'none'")
    for (name, text) in [("script-src", ReportPage.script), ("style-src", ReportPage.style)] {
      let digest = Data(SHA256.digest(Array(text.utf8))).base64EncodedString()
      #expect(directives.contains("\(name) 'sha256-\(digest)'"))
    }
    #expect(!policy.contains("unsafe") && !policy.contains("*") && !policy.contains("data:"))
  }

  @Test func noNameEndsTheData() throws {
    let page = page(MadeReport.hostile)
    // Those of the page itself: two scripts, one of which holds the data.
    #expect(page.components(separatedBy: "<script").count == 3)
    #expect(page.components(separatedBy: "</script").count == 3)
    #expect(!page.contains("<!--"))
    let strings = try #require(data(of: page)["strings"] as? [String])
    #expect(strings.contains(MadeReport.hostileNames[0]))
    #expect(!page.unicodeScalars.contains { (0x202a...0x202e).contains($0.value) || $0.value == 0 })
  }

  @Test func hostileNamesRunNothingInABrowser() throws {
    let folder = try ScratchFolder()
    let file = try folder.file("page.html", page(MadeReport.hostile))
    try NodeTest.expectPasses("Browser/hostile.test.mjs", environment: ["PAGE": file])
  }

  @Test func aHundredThousandSitesStayUnderTwentyMegabytesAndOpen() throws {
    let siteCount = 100_000
    let page = page(MadeReport.large(siteCount: siteCount, seed: 11))
    #expect(page.utf8.count < 20_000_000, "\(page.utf8.count)")
    let folder = try ScratchFolder()
    let file = try folder.file("page.html", page)
    let output = try NodeTest.expectPasses(
      "Browser/large.test.mjs", environment: ["PAGE": file, "SITES": String(siteCount)])
    print(output.split(separator: "\n").filter { $0.contains("opened in") || $0.hasPrefix("{") })
  }

  @Test func sitesBeyondTheLimitAreSummedUp() throws {
    var report = MadeReport.large(siteCount: 50, seed: 5)
    let all = report.sites.reduce(0) { $0 + $1.totals.outstandingBytes }
    report.sites.removeLast(20)
    let listed = report.sites.reduce(0) { $0 + $1.totals.outstandingBytes }
    let rest = try #require(data(of: page(report))["rest"] as? [String: Any])
    #expect(rest["siteCount"] as? Int == 20)
    #expect(rest["outstandingBytes"] as? UInt64 == all - listed)
  }

  @Test func theSentenceIsThatOfTheTextReport() throws {
    let report = MadeReport.large(siteCount: 5, seed: 5)
    let text = TextRenderer().string(report)
    let sentence = try #require(page(report).firstMatch(of: /<p class="sentence">([^<]*)</)).1
    #expect(text.contains(sentence))
  }

  // MARK: Sources

  private func excerpts(_ folder: ScratchFolder, path: String, line: Int) throws -> [[String: Any]]
  {
    let frames = FrameTable([
      [.init(function: "f", file: path, line: line, image: "/srv/a.node", address: 1)]
    ])
    var options = HTMLOptions()
    options.sourceDirectory = folder.path
    let report = MadeReport.of(
      [MadeReport.site([0], bytes: 1, count: 1, number: 0)], frames)
    let sources = try #require(data(of: page(report, options))["sources"] as? [String: Any])
    return try #require(sources["excerpts"] as? [[String: Any]])
  }

  @Test func linesOfSourceAreFoundBelowTheFolder() throws {
    let folder = try ScratchFolder()
    _ = try folder.file("a.c", (1...20).map { "\tline \($0)" }.joined(separator: "\n"))
    for path in ["/build/here/a.c", "a.c", folder.path + "/a.c"] {
      let excerpt = try #require(excerpts(folder, path: path, line: 10).first, "\(path)")
      #expect(excerpt["first"] as? Int == 7)
      #expect((excerpt["lines"] as? [String])?[3] == "    line 10")
    }
    #expect(try excerpts(folder, path: "a.c", line: 21).isEmpty)
    #expect(try excerpts(folder, path: "b.c", line: 1).isEmpty)
  }

  @Test func noTraceHasOtherFilesShown() throws {
    let folder = try ScratchFolder()
    _ = try folder.file("a.c", "secret")
    let name = URL(fileURLWithPath: folder.path).lastPathComponent
    let below = try ScratchFolder()
    for path in [
      "../\(name)/a.c", "/x/../../\(name)/a.c", "/etc/passwd", "", "/", "..", "a\u{0}.c",
    ] {
      #expect(try excerpts(below, path: path, line: 1).isEmpty, "\(path)")
    }
  }
}
