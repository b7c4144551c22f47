// SPDX-License-Identifier: Apache-2.0
//
// What every export is made of: a report, its sites one after the other, and of the trace what a
// report has no need of.

import TraceFile

/// A report with all its sites, to be walked through as often as a format needs.
package struct ExportSource {
  /// Lists no sites of its own.
  package var report: LeakReport
  /// In the order asked for; the sites that a report lists that lists all.
  let sites: SiteStream
  /// In the order in which they were loaded.
  let images: [Image]
  let clock: TraceClock
  let samples: [Sample]
  /// What there was at several instants, where the format shows that.
  var history: ExportHistory?

  init(report: LeakReport, sites: SiteStream, trace: TraceFile) {
    self.report = report
    self.sites = sites
    images = trace.images
    clock = trace.clock
    samples = trace.samples
  }

  /// What each site is measured by.
  var order: SiteOrder { report.selection.order }

  /// Calls `body` with each site.
  func forEachSite(_ body: (Site) -> Void) {
    for site in sites { body(site) }
  }

  /// The command line, fit for a line of text.
  var commandLine: String {
    let command = report.trace.command
    let words = command.isEmpty ? [report.trace.executable] : command
    return PrintableText.escaped(words.joined(separator: " "))
  }
}

extension SiteOrder {
  /// What is measured, in a few words.
  var title: String {
    switch self {
    case .outstanding: "Outstanding bytes"
    case .count: "Outstanding blocks"
    case .total: "Allocated bytes"
    case .allocations: "Allocated blocks"
    case .peak: "Bytes at each stack's own peak"
    case .temporary: "Temporary blocks"
    }
  }

  /// The same as one word of letters, digits and underscores.
  var symbol: String {
    switch self {
    case .outstanding: "outstanding_bytes"
    case .count: "outstanding_blocks"
    case .total: "allocated_bytes"
    case .allocations: "allocated_blocks"
    case .peak: "peak_bytes"
    case .temporary: "temporary_blocks"
    }
  }
}
