// SPDX-License-Identifier: Apache-2.0
//
// The heap profile, loaded into the Memory panel of Chrome's developer tools by its own button: what the
// panel shows is what the JSON report says.

import Foundation
import MemtraceTestSupport
import Testing

@testable import MemtraceAnalyzer

/// One browser after the other: each takes the machine for itself.
@Suite(.serialized) struct DevToolsTests {
  /// A line of the panel's table.
  private struct Row: Decodable {
    var own: Int
    var total: Int
    var name: String
  }

  /// What the panel shows: functions with their own bytes, and the tree from the outermost on.
  private struct Panel: Decodable {
    var heavy: [Row]
    var tree: [Row]
  }

  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  private func panel(of profile: [UInt8], picture: String, bytes: Int) throws -> Panel {
    let artifacts = Self.root + "/build/artifacts"
    try FileManager.default.createDirectory(
      atPath: artifacts, withIntermediateDirectories: true)
    let folder = try ScratchFolder()
    let file = try folder.file("heap.heapprofile", String(decoding: profile, as: UTF8.self))
    let result = try Program.run(
      "node",
      [
        Self.root + "/Tests/MemtraceExportTests/Browser/memory-panel.mjs", file,
        "\(artifacts)/\(picture)", String(bytes),
      ], limitSeconds: 600)
    try #require(result.status == 0, "\(result.errors)")
    return try JSONDecoder().decode(Panel.self, from: Data(result.output.utf8))
  }

  @Test(arguments: [SiteOrder.outstanding, .total])
  func theMemoryPanelShowsWhatTheReportSays(metric: SiteOrder) throws {
    let fixture = try ExportFixture(seed: 7)
    var options = AnalysisOptions()
    options.order = metric
    let report = try fixture.report(options)
    let member = metric == .total ? "totalBytes" : "outstandingBytes"
    let all = metric == .total ? report.totalBytes : report.outstandingBytes
    let panel = try panel(
      of: fixture.export(.heapprofile, metric), picture: "memory-panel-\(metric).png", bytes: all)

    #expect(panel.heavy.reduce(0) { $0 + $1.own } == all)
    #expect(panel.tree.reduce(0) { $0 + $1.total } == all)

    var expected: [String: Int] = [:]
    var ofMain = 0
    for site in report.sites {
      let frames = site["stack"] as? [[String: Any]] ?? []
      let amount = site[member] as? Int ?? 0
      if let name = frames.first?["function"] as? String { expected[name, default: 0] += amount }
      if frames.contains(where: { $0["function"] as? String == "main" }) { ofMain += amount }
    }
    try #require(expected.count >= 3)
    for (name, amount) in expected {
      #expect(
        panel.heavy.filter { $0.name == name }.reduce(0) { $0 + $1.own } == amount, "\(name)")
    }
    #expect(panel.tree.first { $0.name == "main" }?.total == ofMain)
  }
}
