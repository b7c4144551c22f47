// SPDX-License-Identifier: Apache-2.0
//
// pprof's format, as `go tool pprof` reads it.

import Foundation
import MemtraceTestSupport
import Testing

@testable import MemtraceAnalyzer

@Suite struct PprofTests {
  private let fixture: ExportFixture
  private let folder: ScratchFolder
  private let file: String

  init() throws {
    fixture = try ExportFixture()
    folder = try ScratchFolder()
    file = try folder.file("heap.pb.gz", fixture.export(.pprof))
  }

  private func pprof(_ arguments: String...) throws -> String {
    let result = try Program.run(
      "go", ["tool", "pprof", "-symbolize=none"] + arguments + [file],
      environment: ["HOME": folder.path, "PPROF_TMPDIR": folder.path])
    #expect(result.status == 0, "\(result.errors)")
    return result.output
  }

  @Test func everySampleTypeSumsUpToTheReport() throws {
    let report = try fixture.report()
    for (type, sum) in [
      ("alloc_objects", report.totalCount), ("alloc_space", report.totalBytes),
      ("inuse_objects", report.outstandingCount), ("inuse_space", report.outstandingBytes),
    ] {
      let unit = type.hasSuffix("space") ? "B" : ""
      let text = try pprof(
        "-top", "-nodecount=0", unit.isEmpty ? "-unit=auto" : "-unit=B", "-sample_index=\(type)")
      #expect(text.contains("of \(sum)\(unit) total"), "\(type): \(text.prefix(400))")
      #expect(text.contains("Showing nodes accounting for \(sum)\(unit), 100%"))
    }
  }

  @Test func whatIsOutstandingIsShownFirst() throws {
    #expect(try pprof("-top").contains("Type: inuse_space"))
  }

  @Test func stacksFunctionsAndFilesAreThere() throws {
    let text = try pprof("-raw")
    #expect(text.contains("space/bytes") || text.contains("inuse_space/bytes[dflt]"))
    // Inlined functions are lines of one location, the innermost first.
    #expect(text.contains("copy_bytes /srv/app/src/addon.cc:41"), "\(text)")
    #expect(text.contains("make_buffer /srv/app/src/addon.cc:57"))
    #expect(text.contains("handleRequest /srv/app/server.js:17"))
    #expect(text.contains("(no stack recorded)"))
    #expect(text.contains("/srv/app/bin/program deadbeef0102 [FN]"))
    let tree = try pprof("-peek=^make_buffer$", "-nodecount=0")
    #expect(tree.contains("Upload") && tree.contains("copy_bytes (inline)"))
  }

  @Test func oneFunctionHasWhatTheReportSays() throws {
    let own = try fixture.report().sites.filter { site in
      let first = (site["stack"] as? [[String: Any]])?.first
      return first?["function"] as? String == "copy_bytes"
    }
    let sum = own.reduce(0) { $0 + ($1["outstandingBytes"] as? Int ?? 0) }
    #expect(sum > 0)
    let line = try pprof("-top", "-nodecount=0", "-unit=B").split(separator: "\n")
      .first { $0.hasSuffix("copy_bytes (inline)") }
    #expect(line?.split(separator: " ").first == "\(sum)B", "\(line ?? "")")
  }

  @Test func aFilterAndATimeLeaveOutTheRest() throws {
    var options = AnalysisOptions()
    options.filter = "Upload"
    options.from = .nanoseconds(200_000_000)
    options.to = .mark("half, \"way\"")
    let report = try fixture.report(options)
    #expect(report.sum("outstandingBytes") > 0)
    #expect(report.sum("outstandingBytes") < report.outstandingBytes)
    let file = try folder.file("part.pb.gz", fixture.export(.pprof, options: options))
    let result = try Program.run(
      "go", ["tool", "pprof", "-symbolize=none", "-top", "-nodecount=0", "-unit=B", file],
      environment: ["HOME": folder.path])
    #expect(result.output.contains("of \(report.sum("outstandingBytes"))B total"))
  }
}
