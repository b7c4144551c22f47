// SPDX-License-Identifier: Apache-2.0
//
// What every form of a report has in common: it is made of a LeakReport and nothing else.

/// Writes reports down.
package protocol ReportRenderer {
  /// Writes `report` to `output`, which the caller finishes.
  func render(_ report: LeakReport, to output: ReportOutput)
}

extension ReportRenderer {
  /// The whole report as one string.
  package func string(_ report: LeakReport) -> String {
    var bytes: [UInt8] = []
    let output = ReportOutput { bytes += $0 }
    render(report, to: output)
    // Memory takes everything.
    try? output.finish()
    return String(decoding: bytes, as: UTF8.self)
  }
}
