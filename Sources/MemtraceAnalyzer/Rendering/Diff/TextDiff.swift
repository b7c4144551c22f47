// SPDX-License-Identifier: Apache-2.0
//
// The diff for people: the sums first, then what grew, then what shrank.

import Symbolication

/// Writes diffs as text.
package struct TextDiff {
  let options: TextOptions

  package init(options: TextOptions = TextOptions()) {
    self.options = options
  }

  package func render(_ diff: TraceDiff, to output: ReportOutput) {
    let page = TextPage(output, options)
    writeSides(diff, on: page)
    writeSums(diff, on: page)
    writeSites(
      "Grew", diff.sites.filter { $0.growthBytes > 0 }, of: diff.grownSiteCount, diff, page)
    writeSites(
      "Shrank", diff.sites.filter { $0.growthBytes < 0 }.reversed(), of: diff.shrunkSiteCount, diff,
      page)
    TextWarnings(warnings: diff.warnings).write(on: page)
  }

  private func writeSides(_ diff: TraceDiff, on page: TextPage) {
    for side in [diff.before, diff.after] {
      guard !diff.isOneTrace || side.nanoseconds == diff.before.nanoseconds else { break }
      TextVerdict.writeProgram(side.trace, on: page)
    }
    page.blank()
    let growth =
      Int64(clamping: diff.after.outstanding.byteCount)
      - Int64(clamping: diff.before.outstanding.byteCount)
    let span =
      diff.isOneTrace
      ? " between \(Quantity.instant(diff.before.nanoseconds)) and "
        + Quantity.instant(diff.after.nanoseconds) : " from the first trace to the second"
    page.paragraph(
      growth == 0
        ? "What is outstanding is as much as before\(span)."
        : "What is outstanding \(growth > 0 ? "grew" : "shrank") by "
          + "\(page.bytes(growth.magnitude))\(span).",
      style: growth > 0 ? .alarming : .good)
  }

  private func writeSums(_ diff: TraceDiff, on page: TextPage) {
    func row(_ name: String, _ before: String, _ after: String, _ change: String) {
      page.line(
        .init("  " + PrintableText.padded(name, to: 14)),
        .init(
          [before, after, change].map { PrintableText.padded($0, to: 16, onLeft: true) }.joined()))
    }
    func bytes(_ name: String, _ before: UInt64, _ after: UInt64) {
      row(
        name, page.bytes(before), page.bytes(after),
        TimelineWords.change(Int64(clamping: after) - Int64(clamping: before)))
    }
    page.blank()
    row("", "before", "after", "change")
    bytes("outstanding", diff.before.outstanding.byteCount, diff.after.outstanding.byteCount)
    let change =
      Int64(clamping: diff.after.outstanding.count) - Int64(clamping: diff.before.outstanding.count)
    row(
      "blocks", Quantity.count(diff.before.outstanding.count),
      Quantity.count(diff.after.outstanding.count),
      (change < 0 ? "-" : "+") + Quantity.count(change.magnitude))
    bytes(
      "mapped", diff.before.mappings.anonymousBytes &+ diff.before.mappings.fileBytes,
      diff.after.mappings.anonymousBytes &+ diff.after.mappings.fileBytes)
    if let before = diff.before.rssBytes, let after = diff.after.rssBytes {
      bytes("RSS", before, after)
    }
  }

  private func writeSites(
    _ title: String, _ sites: [TraceDiff.Site], of count: Int, _ diff: TraceDiff, _ page: TextPage
  ) {
    guard !sites.isEmpty else { return }
    page.heading(
      title,
      count > sites.count
        ? "\(sites.count) of \(Quantity.count(UInt64(count))) stacks"
        : Quantity.count(UInt64(count), "stack"))
    let frames = TextFrames(frames: diff.frames, directory: diff.after.trace.directory)
    for (index, site) in sites.enumerated() {
      let ordinal = PrintableText.padded("\(index + 1).", to: 3, onLeft: true) + " "
      let blocks = Quantity.count(site.growthCount.magnitude, "block")
      page.line(
        .init(ordinal, .faint), .init(TimelineWords.change(site.growthBytes), .strong),
        .init(
          "  \(site.growthCount < 0 ? "-" : "+")\(blocks), from \(page.bytes(site.before.byteCount)) "
            + "to \(page.bytes(site.after.byteCount))\(site.before.count == 0 ? ", new" : "")"))
      frames.write(site.stack, on: page, indent: 4)
    }
  }
}
