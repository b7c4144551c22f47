// SPDX-License-Identifier: Apache-2.0
//
// What every form of a check's result has in common: it is made of a CheckResult and nothing else.

/// Writes results of checks down.
package protocol CheckRenderer {
  /// Writes `result` to `output`, which the caller finishes.
  func render(_ result: CheckResult, to output: ReportOutput)
}

extension CheckRenderer {
  /// The whole result as one string.
  package func string(_ result: CheckResult) -> String {
    var bytes: [UInt8] = []
    let output = ReportOutput { bytes += $0 }
    render(result, to: output)
    // Memory takes everything.
    try? output.finish()
    return String(decoding: bytes, as: UTF8.self)
  }
}
