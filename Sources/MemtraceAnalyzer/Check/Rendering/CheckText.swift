// SPDX-License-Identifier: Apache-2.0
//
// The result of a check for people: the verdict first, then what failed, each with how much and where, the
// line of JavaScript before the native stack.

import Symbolication

/// Writes results as text.
package struct CheckText: CheckRenderer {
  /// Reasons that are shown one by one.
  private static let listLimit = 20
  private static let frameLimit = 8

  let options: TextOptions

  package init(options: TextOptions = TextOptions()) {
    self.options = options
  }

  package func render(_ result: CheckResult, to output: ReportOutput) {
    let page = TextPage(output, options)
    let words = CheckWords(result: result)
    page.line(
      .init(result.passed ? "passed" : "FAILED", result.passed ? .good : .alarming),
      .init("  " + words.summary))
    for (index, failure) in result.failures.prefix(options.isBrief ? 5 : Self.listLimit)
      .enumerated()
    {
      page.blank()
      let ordinal = PrintableText.padded("\(index + 1).", to: 3, onLeft: true) + " "
      page.line(.init(ordinal, .faint), .init(words.message(failure), .strong))
      if let site = words.leadingSite(of: failure) { write(site, result, on: page) }
    }
    let shown = min(result.failures.count, options.isBrief ? 5 : Self.listLimit)
    if result.failures.count > shown {
      page.line(
        .init("    … \(result.failures.count - shown) more; --format json has them", .faint))
    }
    writeNotes(result, on: page)
  }

  private func write(_ site: CheckedSite, _ result: CheckResult, on page: TextPage) {
    let process = site.processes.first.flatMap {
      result.processes.indices.contains($0) ? result.processes[$0] : nil
    }
    let names = TextFrameNames(directory: process?.trace.directory ?? "", page, indent: 4)
    if let script = SiteLocation(site.frames).javaScript {
      page.line(
        .init("    at "), .init(names.name(of: script), .javascript),
        .init(" (\(names.place(of: script)))"))
    }
    guard !site.frames.isEmpty else {
      page.line(.init("    (no stack recorded)", .faint))
      return
    }
    let limit = page.options.frameLimit ?? Self.frameLimit
    let lines = DecisiveFrames(
      site.frames, limit: limit, folds: page.options.foldsPlumbing
    ).lines
    let column = names.column(lines)
    for line in lines {
      if case .frame(let frame) = line {
        let place = names.place(of: frame)
        let name = PrintableText.padded(names.name(of: frame), to: place.isEmpty ? 0 : column)
        page.line(
          .init("      "), .init(name, frame.kind == .javascript ? .javascript : .plain),
          .init(place.isEmpty ? "" : "  " + place, .faint))
      } else if let words = line.words {
        page.line(.init("      … \(words)", .faint))
      }
    }
    if site.isTruncated { page.line(.init("      … outer frames not recorded", .faint)) }
    if site.processes.count > 1 {
      page.line(.init("      in \(site.processes.count) processes", .faint))
    }
  }

  /// What is good to know, and changes nothing.
  private func writeNotes(_ result: CheckResult, on page: TextPage) {
    var notes: [String] = []
    if let baseline = result.baseline {
      for (name, amount) in baseline.gone.prefix(5) {
        let place = name.frames.prefix(3).joined(separator: " < ")
        notes.append(
          """
          gone since the baseline: \(CheckWords.amount(amount.byteCount, amount.blockCount)) \
          \(PrintableText.escaped(place))
          """)
      }
      if baseline.gone.count > 5 {
        notes.append("… and \(baseline.gone.count - 5) more that are gone since the baseline")
      }
    }
    for use in result.unusedSuppressions {
      if case .file(let path, let line) = use.suppression.origin {
        notes.append(PrintableText.escaped("unused: \(path):\(line): \(use.suppression.name)"))
      }
    }
    let builtin = result.suppressions.filter { $0.suppression.isBuiltin && $0.siteCount > 0 }
    if !builtin.isEmpty, !options.isBrief {
      let bytes = builtin.reduce(0) { $0 &+ $1.byteCount }
      let blocks = builtin.reduce(0) { $0 &+ $1.blockCount }
      notes.append(
        """
        \(CheckWords.amount(bytes, blocks)) left out by built-in suppressions: \
        \(builtin.map(\.suppression.name).joined(separator: ", ")) \
        (--no-builtin-suppressions shows them)
        """)
    }
    for (index, process) in result.processes.enumerated() {
      for warning in process.warnings where warning.isGrave {
        let words = CheckWords(result: result)
        notes.append("! \(words.name(index)): \(PrintableText.escaped(warning.description))")
      }
    }
    guard !notes.isEmpty else { return }
    page.blank()
    for note in notes { page.paragraph(note, hanging: 2) }
  }
}
