// SPDX-License-Identifier: Apache-2.0
//
// docs/report-json.md names every member that the JSON report has.

import Foundation
import Testing

@testable import MemtraceAnalyzer

@Suite struct ReportDocumentationTests {
  @Test func everyMemberIsDocumented() throws {
    let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let page = try String(
      contentsOf: root.appendingPathComponent("docs/report-json.md"), encoding: .utf8)
    var names: Set<String> = []
    for (key, direction) in [(SiteGroupKey.function, nil), (.stack, .topDown)]
      as [(SiteGroupKey, CallTree.Direction?)]
    {
      var report = SampleReport.node20
      var options = AnalysisOptions()
      options.groupKey = key
      options.treeDirection = direction
      report.layOut(report.sites, options)
      let text = JSONRenderer().string(report)
      collect(try JSONSerialization.jsonObject(with: Data(text.utf8)), into: &names)
    }
    #expect(names.count > 70)
    for name in names.sorted() {
      #expect(page.contains("`\(name)`"), "\(name)")
    }
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
