// SPDX-License-Identifier: Apache-2.0
//
// The page of a node service that was really recorded, in a real browser: what it shows is what
// the command says of the same trace.

import Foundation
import MemtraceTestSupport
import Testing

@Suite struct ServicePageTests {
  @Test func aServiceThatLeaksIsShownAsItIs() throws {
    let folder = try ScratchFolder()
    let build = NodeTest.root + "/build"
    let trace = folder.path + "/trace.bin"
    let recorded = try Program.run(
      "node",
      [
        "\(NodeTest.root)/Tests/ReportPageTests/Browser/service.js",
        build + "/examples/node-addon/addon.node",
      ],
      environment: ["LD_PRELOAD": build + "/lib/libmemtrace.so", "MEMTRACE_OUTPUT": trace])
    try #require(recorded.status == 0, "\(recorded.errors)")
    let page = folder.path + "/report.html"
    let made = try Program.run(
      build + "/bin/memtrace",
      ["report", trace, "--format", "html", "--source", NodeTest.root, "-o", page])
    try #require(made.status == 0, "\(made.errors)")
    #expect(made.output.isEmpty && made.errors.isEmpty)
    try NodeTest.expectPasses(
      "Browser/service.test.mjs",
      environment: ["PAGE": page, "TRACE": trace, "MEMTRACE": build + "/bin/memtrace"])
  }
}
