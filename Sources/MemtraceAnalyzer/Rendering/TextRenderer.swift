// SPDX-License-Identifier: Apache-2.0
//
// The report for people. Its first screen answers whether something leaks, how much and where;
// what else is known follows, the more telling first, and what to do next stands at the end.

import Symbolication

/// Writes reports as text.
package struct TextRenderer: ReportRenderer {
  let options: TextOptions

  package init(options: TextOptions = TextOptions()) {
    self.options = options
  }

  package func render(_ report: LeakReport, to output: ReportOutput) {
    let page = TextPage(output, options)
    TextVerdict(
      report: report, isBrief: options.isBrief, showsExactBytes: options.showsExactBytes
    ).write(on: page)
    TextSites(report: report).write(on: page)
    if options.isBrief {
      TextWarnings(warnings: report.warnings).writeBriefly(on: page)
      return
    }
    TextLargeAllocations(report: report).write(on: page)
    TextMappings(report: report).write(on: page)
    TextWarnings(warnings: report.warnings).write(on: page)
    TextNextSteps(report: report).write(on: page)
  }
}
