// SPDX-License-Identifier: Apache-2.0
//
// The report for a ticket or a pull request, in GitHub's Markdown: what leaks in a table, each stack
// whole behind a triangle. It stays within what a comment may have.

import Symbolication

/// Writes reports as Markdown.
package struct MarkdownRenderer: ReportRenderer {
  /// A comment on GitHub has 65,536 characters at most.
  private static let byteLimit = 60_000
  private static let frameLimit = 60
  private static let nameLimit = 160

  /// Whether numbers of bytes are exact.
  let showsExactBytes: Bool

  package init(showsExactBytes: Bool = false) {
    self.showsExactBytes = showsExactBytes
  }

  package func render(_ report: LeakReport, to output: ReportOutput) {
    var text = head(report)
    text += table(report)
    var isShort = false
    for (index, site) in report.sites.enumerated() where !isShort {
      let stack = details(index + 1, site, report)
      isShort = text.utf8.count + stack.utf8.count > Self.byteLimit
      if !isShort { text += stack }
    }
    if isShort { text += "\nMore stacks do not fit in here.\n" }
    text += large(report) + warnings(report)
    output.write(text)
  }

  private func bytes(_ number: UInt64) -> String {
    Quantity.bytes(number, exactly: showsExactBytes)
  }

  private func head(_ report: LeakReport) -> String {
    let heap = report.heap
    let trace = report.trace
    let command = trace.command.isEmpty ? trace.executable : trace.command.joined(separator: " ")
    let outstanding =
      heap.outstandingCount == 0
      ? "nothing is outstanding"
      : "\(bytes(heap.outstandingBytes)) in \(Quantity.count(heap.outstandingCount, "block")) outstanding"
    let when =
      report.isPartOfTrace
      ? ", allocated between \(Quantity.instant(report.interval.lowerBound)) and "
        + "\(Quantity.instant(report.interval.upperBound))" : ""
    var facts = [
      ("Program", MarkdownText.code(command)),
      (
        "Ran for",
        "\(Quantity.duration(trace.durationNanoseconds)), \(Self.words(for: trace.state))"
      ),
      (
        "Allocated",
        "\(bytes(heap.allocatedBytes)) in \(Quantity.count(heap.allocationCount, "block"))"
      ),
      ("Peak", "\(bytes(heap.peakBytes)) at \(Quantity.instant(heap.peakNanoseconds))"),
    ]
    if let peak = heap.peakRSSBytes { facts.append(("Resident at most", bytes(peak))) }
    let rows = facts.map { "| \($0.0) | \($0.1) |\n" }.joined()
    return "### memtrace: \(outstanding)\(when)\n\n| | |\n|---|---|\n\(rows)"
  }

  private static func words(for state: TraceSummary.State) -> String {
    switch state {
    case .running: "still running"
    case .killed: "killed or crashed"
    case .stopped: "recording stopped early"
    case .exited: "exited"
    case .executed: "replaced by exec"
    }
  }

  private func table(_ report: LeakReport) -> String {
    let selection = report.selection
    guard !report.sites.isEmpty else {
      return selection.isFiltered ? "\nNo stack passes the filter.\n" : ""
    }
    let order = selection.order
    let all = order.amount(of: selection.all)
    var text = "\n| | \(order.title) | of all | blocks | where |\n|--:|--:|--:|--:|---|\n"
    for (index, site) in report.sites.enumerated() {
      let amount = order.amount(of: site.totals)
      let blocks =
        order.listsFreedSites ? site.totals.allocationCount : site.totals.outstandingCount
      text += "| \(index + 1) "
      text += "| \(order.countsBlocks ? Quantity.count(amount) : bytes(amount)) "
      text += "| \(Quantity.share(amount, of: all)) | \(Quantity.count(blocks)) "
      text += "| \(place(of: site, report)) |\n"
    }
    let rest = selection.matching.siteCount &- UInt64(report.sites.count)
    if rest > 0 { text += "\n… and \(Quantity.count(rest, "more stack")).\n" }
    return text
  }

  /// The function of the program's own that is nearest to the allocation, and its line.
  private func place(of site: Site, _ report: LeakReport) -> String {
    let frames = Array(report.frames.frames(of: site.stack))
    let named = frames.filter { $0.function != nil }.min { FrameRank($0) < FrameRank($1) }
    guard let frame = named ?? frames.first else { return FrameLabel.noStack }
    let name = MarkdownText.code(
      ShortName.shortened(FrameLabel.name(of: frame), limit: 80), limit: 80)
    let place = Self.place(of: frame, report.trace.directory)
    return place.isEmpty ? name : "\(name) \(MarkdownText.escaped(place))"
  }

  private static func place(of frame: Frame, _ directory: String) -> String {
    guard let file = frame.file, !file.isEmpty else { return FrameLabel.image(of: frame) ?? "" }
    let isInside = directory.count > 1 && file.hasPrefix(directory + "/")
    var place = PrintableText.escaped(
      isInside ? String(file.dropFirst(directory.count + 1)) : file)
    if let line = frame.line { place += ":\(line)" }
    return PrintableText.cutFront(place, to: 100)
  }

  private func details(_ number: Int, _ site: Site, _ report: LeakReport) -> String {
    let frames = Array(report.frames.frames(of: site.stack))
    var lines = frames.prefix(Self.frameLimit).map { frame in
      let name = PrintableText.cut(
        ShortName.shortened(FrameLabel.name(of: frame), limit: Self.nameLimit), to: Self.nameLimit)
      let place = Self.place(of: frame, report.trace.directory)
      return place.isEmpty ? name : "\(name)  \(place)"
    }
    if frames.isEmpty { lines.append(FrameLabel.noStack) }
    if frames.count > Self.frameLimit {
      lines.append("… \(Quantity.count(UInt64(frames.count - Self.frameLimit), "more frame"))")
    }
    if site.stack.isTruncated { lines.append(FrameLabel.noOuterFrames) }
    let totals = site.totals
    let summary =
      "Stack \(number): \(bytes(totals.outstandingBytes)) in "
      + "\(Quantity.count(totals.outstandingCount, "block")), of "
      + "\(Quantity.count(totals.allocationCount, "block")) allocated by "
      + site.functions.map(\.name).joined(separator: ", ")
    return "\n<details><summary>\(MarkdownText.escaped(summary))</summary>\n\n"
      + MarkdownText.block(lines) + "\n</details>\n"
  }

  private func large(_ report: LeakReport) -> String {
    let shown = report.largeAllocations.prefix(5)
    guard !shown.isEmpty else { return "" }
    var text = "\n**Large and sudden allocations**\n\n| at | bytes | | where |\n|--:|--:|---|---|\n"
    for large in shown {
      let kind =
        large.kind == .burst
        ? "\(Quantity.count(large.blockCount, "block")) in "
          + Quantity.duration(large.durationNanoseconds)
        : large.freedNanoseconds.map { "freed at \(Quantity.instant($0))" } ?? "never freed"
      let site = Site(
        totals: SiteTotals(stack: .init(0)), firstNanoseconds: 0, lastNanoseconds: 0,
        stack: large.stack)
      text += "| \(Quantity.instant(large.nanoseconds)) | \(bytes(large.byteCount)) | \(kind) "
      text += "| \(place(of: site, report)) |\n"
    }
    return text
  }

  private func warnings(_ report: LeakReport) -> String {
    guard !report.warnings.isEmpty else { return "" }
    let lines = report.warnings.map { warning in
      "- \(MarkdownText.escaped(PrintableText.cut(PrintableText.escaped(warning.description), to: 400)))\n"
    }
    return "\n**To be known**\n\n" + lines.joined()
  }
}
