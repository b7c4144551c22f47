// SPDX-License-Identifier: Apache-2.0
//
// The result of a check in the Test Anything Protocol, version 14: a test point for each reason for
// which it fails, its particulars in YAML.

/// Writes results as TAP.
package struct CheckTAP: CheckRenderer {
  package init() {}

  package func render(_ result: CheckResult, to output: ReportOutput) {
    let cases = CheckCase.list(result)
    output.write("TAP version 14\n1..\(cases.count)\n")
    for (index, test) in cases.enumerated() {
      let state = test.failure == nil ? "ok" : "not ok"
      output.write("\(state) \(index + 1) - \(Self.description(test.name))\n")
      guard let failure = test.failure else { continue }
      output.write("  ---\n")
      output.write("  message: \(Self.quoted(failure.message))\n")
      output.write("  severity: fail\n")
      output.write("  kind: \(failure.kind.rawValue)\n")
      if let file = test.file, let line = test.line {
        output.write("  at:\n    file: \(Self.quoted(file))\n    line: \(line)\n")
      }
      if !failure.details.isEmpty {
        output.write("  stack:\n")
        for line in failure.details.split(separator: "\n") {
          output.write("    - \(Self.quoted(String(line.drop { $0 == " " })))\n")
        }
      }
      output.write("  ...\n")
    }
  }

  /// Backslashes and `#`, which begins a directive, are escaped by TAP's own rule.
  private static func description(_ text: String) -> String {
    PrintableText.escaped(text).replacing("\\", with: "\\\\").replacing("#", with: "\\#")
  }

  /// A scalar in YAML's double quotation marks, which are JSON's.
  private static func quoted(_ text: String) -> String {
    var bytes: [UInt8] = []
    let output = ReportOutput { bytes += $0 }
    var json = JSONWriter(output)
    json.value(PrintableText.escaped(text))
    try? output.finish()  // memory takes everything
    return String(decoding: bytes, as: UTF8.self)
  }
}
