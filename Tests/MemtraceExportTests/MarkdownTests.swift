// SPDX-License-Identifier: Apache-2.0
//
// A report in Markdown, as GitHub's own parser reads it.

import Foundation
import MemtraceTestSupport
import Testing

@testable import MemtraceAnalyzer

@Suite struct MarkdownTests {
  private func html(_ markdown: String) throws -> String {
    let result = try Program.run(
      "cmark-gfm",
      ["--unsafe", "-e", "table", "-e", "strikethrough", "-e", "autolink", "-e", "tagfilter"],
      input: markdown)
    #expect(result.status == 0 && result.errors == "", "\(result.errors)")
    return result.output
  }

  private var options: AnalysisOptions {
    var options = AnalysisOptions()
    options.mergesEqualNames = true
    options.limit = 10
    return options
  }

  @Test func theSumsAreThoseOfTheReport() throws {
    let fixture = try ExportFixture()
    let report = try fixture.report()
    let page = try html(fixture.markdown(options, showsExactBytes: true))
    let bytes = Quantity.count(UInt64(report.outstandingBytes))
    let count = Quantity.count(UInt64(report.outstandingCount))
    #expect(page.contains("<h3>memtrace: \(bytes) B in \(count) blocks outstanding</h3>"))
    #expect(page.contains("<td>\(Quantity.count(UInt64(report.totalBytes))) B in "))
    // Rows of the table of stacks sum up to it, too: there are fewer than ten.
    let rows = page.matches(of: #/<td align="right">([\d,]+) B<\/td>\n<td align="right">[\d.]+ %/#)
    let sum = rows.reduce(0) { $0 + (Int($1.1.filter { $0 != "," }) ?? 0) }
    #expect(sum == report.outstandingBytes)
  }

  @Test func everyStackIsWholeBehindATriangle() throws {
    let page = try html(ExportFixture().markdown(options))
    #expect(page.components(separatedBy: "<details><summary>Stack ").count > 5)
    #expect(
      page.contains(
        """
        copy_bytes  src/addon.cc:41
        make_buffer  src/addon.cc:57
        Upload  src/addon.cc:80
        handleRequest  server.js:17
        """))
    #expect(
      page.components(separatedBy: "<details>").count
        == page.components(separatedBy: "</details>").count)
  }

  @Test func noLineClosesTheBlockItIsIn() throws {
    let lines = ["a", "```", "`````", "</details>", "~~~"]
    let page = try html(MarkdownText.block(lines))
    #expect(page.components(separatedBy: "<pre").count == 2)
    #expect(page.contains("a\n```\n`````\n&lt;/details&gt;\n~~~\n</code></pre>"))
  }

  @Test func hostileNamesMeanNothingButThemselves() throws {
    let names =
      HostileNameTests.names + [
        "`code`", "```\n</details>", "**bold** _it_ ~~x~~", "[a](javascript:alert(1))",
        "![x](https://example.com/x.png)", "@everyone #1 GH-1",
        "https://example.com www.example.com",
        "| a | b |", "$\\alpha$ :smile:", "# heading", "<img src=x onerror=alert(1)>", "<!-- ",
      ]
    let fixture = try ExportFixture(hostileNames: names)
    var options = options
    options.limit = 100
    let markdown = try fixture.markdown(options)
    // What GitHub takes as a comment.
    #expect(markdown.utf8.count < 65_536)
    #expect(
      !markdown.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0.value == 0x202e })
    let page = try html(markdown)
    for tag in ["<script", "<img", "<a ", "<strong>b", "<em>", "<del>", "<h1"] {
      #expect(!page.contains(tag), "\(tag)")
    }
    let tags = page.components(separatedBy: "<details>").count
    #expect(tags == page.components(separatedBy: "\n</details>").count && tags > 20)
    // Every row of the tables has all its cells.
    for row in page.components(separatedBy: "<tr>").dropFirst() {
      let cells = row.components(separatedBy: "</td>").count - 1
      let heads = row.components(separatedBy: "</th>").count - 1
      #expect([2, 5].contains(cells + heads), "\(row.prefix(300))")
    }
  }
}
