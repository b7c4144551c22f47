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
    let text = JSONRenderer().string(SampleReport.node20)
    let json = try JSONSerialization.jsonObject(with: Data(text.utf8))
    var names: Set<String> = []
    collect(json, into: &names)
    #expect(names.count > 60)
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
