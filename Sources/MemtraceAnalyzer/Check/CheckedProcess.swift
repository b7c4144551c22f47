// SPDX-License-Identifier: Apache-2.0
//
// One process of a run that is checked: who it was, how it ended, what can be said of it.

/// A traced process, as far as a gate is concerned.
package struct CheckedProcess: Sendable {
  package var trace: TraceSummary
  package var peakBytes: UInt64
  package var outstandingBytes: UInt64
  package var outstandingCount: UInt64
  package var warnings: [ReportWarning]
  /// What killed it, where whoever waited for it knows.
  package var signal: Int32?

  init(_ report: LeakReport) {
    trace = report.trace
    peakBytes = report.heap.peakBytes
    outstandingBytes = report.heap.outstandingBytes
    outstandingCount = report.heap.outstandingCount
    warnings = report.warnings
  }

  /// Whether what it holds at its end tells anything about leaks: what a killed process would have
  /// freed is not known, and what was replaced by another program is gone.
  var hasEnding: Bool {
    switch trace.state {
    case .exited, .running: true
    case .killed, .stopped, .executed: false
    }
  }
}
