// SPDX-License-Identifier: Apache-2.0
//
// The page to paste into a ticket: what was seen, what was measured, what was checked, what is the
// likely cause, and where to fix it. Markdown that reads well unrendered, too.

import Symbolication

/// Writes a timeline as an investigation.
package struct MarkdownInvestigation {
  private static let suspectLimit = 5
  private static let frameLimit = 10
  private static let hourLimit = 48

  package init() {}

  package func render(_ timeline: Timeline, to output: ReportOutput) {
    func line(_ text: String = "") { output.write(text + "\n") }
    let program = Self.program(timeline.trace)
    line("# Memory of `\(program)`, pid \(timeline.trace.pid)")
    line()
    line(
      "Recorded from \(UTCTime(nanoseconds: timeline.trace.startRealtimeNanoseconds)), for "
        + "\(Quantity.duration(timeline.trace.durationNanoseconds)); "
        + "\(Self.ending(timeline.trace.state)).")
    line()
    line("## Symptom")
    line()
    for text in symptom(timeline) { line(text) }
    line()
    writeMeasurements(timeline, line)
    writeOperations(timeline, line)
    line("## Checks made")
    line()
    for (question, answer) in InvestigationChecks(timeline).rows {
      line("- \(question) **\(Self.inline(answer))**")
    }
    line()
    writeSuspects(timeline, line)
    line("## Likely root cause")
    line()
    line(cause(timeline))
    line()
    for sentence in timeline.verdict.evidence { line("- \(Self.inline(sentence))") }
    line()
    line("## Where to fix, and how to be sure")
    line()
    for (index, step) in timeline.verdict.nextSteps.enumerated() {
      line("\(index + 1). \(Self.inline(step))")
    }
    if !timeline.warnings.isEmpty {
      line()
      line("## To be known")
      line()
      for warning in timeline.warnings { line("- \(Self.inline(warning.description))") }
    }
  }

  // MARK: Parts

  private func symptom(_ timeline: Timeline) -> [String] {
    var lines: [String] = []
    if let rss = timeline.rss {
      lines.append(
        "RSS went from \(TimelineWords.bytes(rss.startBytes)) to \(TimelineWords.bytes(rss.endBytes))"
          + " (peak \(TimelineWords.bytes(rss.peakBytes))): \(TimelineWords.name(rss))"
          + (rss.bytesPerHour > 0 ? ", \(TimelineWords.rate(rss.bytesPerHour))." : "."))
    } else {
      lines.append("The trace has no samples of RSS.")
    }
    if let death = timeline.death {
      lines.append("")
      lines.append(Self.inline(death.words))
      if let fastest = timeline.fastestGrowth {
        lines.append("Growing fastest at the end: \(Self.inline(fastest)).")
      }
    }
    return lines
  }

  private func writeMeasurements(_ timeline: Timeline, _ line: (String) -> Void) {
    let series = timeline.series
    guard !series.nanoseconds.isEmpty else { return }
    line("## Measurements")
    line("")
    line("| when | live malloc | mapped | JavaScript heap | RSS |")
    line("|---|--:|--:|--:|--:|")
    for (name, index) in rows(timeline) {
      let heap = series.javaScriptHeapBytes.isEmpty ? nil : series.javaScriptHeapBytes[index]
      let cells = [
        Quantity.bytes(series.mallocBytes[index]), Quantity.bytes(series.mmapBytes[index]),
        heap.map { Quantity.bytes($0) } ?? "-",
        series.rssBytes[index].map { Quantity.bytes($0) } ?? "-",
      ]
      line("| \(name) | \(cells.joined(separator: " | ")) |")
    }
    line("")
    line("| | pattern | rate | 95 % range | confidence |")
    line("|---|---|--:|--:|--:|")
    let patterns = [
      ("live malloc", timeline.malloc), ("mapped", timeline.mmap),
      ("JavaScript heap", timeline.javaScriptHeap), ("RSS", timeline.rss),
    ]
    for (name, pattern) in patterns {
      guard let pattern else { continue }
      let range = pattern.bytesPerHour > 0 ? TimelineWords.range(pattern) : "-"
      line(
        "| \(name) | \(TimelineWords.kind(pattern)) | "
          + (pattern.bytesPerHour > 0 ? TimelineWords.rate(pattern.bytesPerHour) : "-")
          + " | \(range) | \(TimelineWords.percent(pattern.confidence)) |")
    }
    line("")
    guard !timeline.parts.isEmpty else { return }
    line("| part of RSS | start | end | change |")
    line("|---|--:|--:|--:|")
    for part in timeline.parts {
      line(
        "| \(part.kind.rawValue) | \(Quantity.bytes(part.startBytes)) | "
          + "\(Quantity.bytes(part.endBytes)) | \(TimelineWords.change(part.growthBytes)) |")
    }
    line("")
  }

  /// The start, each hour (of short traces each quarter), and the end.
  private func rows(_ timeline: Timeline) -> [(String, Int)] {
    let times = timeline.series.nanoseconds
    guard let first = times.first, let last = times.last else { return [] }
    let hour: UInt64 = 3_600_000_000_000
    var rows = [("start", 0)]
    let step = last - first >= 2 * hour ? hour : max(1, (last - first) / 4)
    var due = first + step
    while due < last, rows.count < Self.hourLimit {
      let index = (times.firstIndex { $0 > due } ?? times.count) - 1
      rows.append(("after \(Quantity.duration(due - first))", max(0, index)))
      due += step
    }
    return rows + [("end", times.count - 1)]
  }

  private func writeOperations(_ timeline: Timeline, _ line: (String) -> Void) {
    guard !timeline.operations.isEmpty else { return }
    line("## Which operation makes it grow")
    line("")
    line("| from the mark | times | live malloc | each | grew in | RSS | mostly from |")
    line("|---|--:|--:|--:|--:|--:|---|")
    for operation in timeline.operations.prefix(12) {
      let each = operation.growthBytes / Int64(max(1, operation.count))
      let top = operation.topStack.map { StackSummary(timeline.frames).words($0) } ?? "-"
      line(
        "| \(Self.inline(operation.name)) | \(operation.count) | "
          + "\(TimelineWords.change(operation.growthBytes)) | \(TimelineWords.change(each)) | "
          + "\(operation.growingCount) | "
          + "\(operation.rssGrowthBytes.map(TimelineWords.change) ?? "-") | \(Self.inline(top)) |")
    }
    line("")
  }

  private func writeSuspects(_ timeline: Timeline, _ line: (String) -> Void) {
    let sites = timeline.growingSites + timeline.growingMappings
    line("## Top suspects")
    line("")
    if sites.isEmpty, timeline.spike == nil {
      line("No site goes on growing.")
      line("")
    }
    for (index, site) in sites.prefix(Self.suspectLimit).enumerated() {
      line(
        "\(index + 1). **\(TimelineWords.rate(site.pattern.bytesPerHour))**, "
          + "\(Quantity.bytes(site.endAmount.byteCount)) in "
          + "\(Quantity.count(site.endAmount.count, "block")) by the end:")
      writeStack(site.stack, timeline, line)
    }
    if let spike = timeline.spike {
      line(
        "At the peak (\(Quantity.bytes(spike.outstandingBytes)) at "
          + "\(Quantity.instant(spike.nanoseconds))):")
      line("")
      for part in spike.parts.prefix(3) {
        let share = Quantity.share(part.amount.byteCount, of: spike.outstandingBytes)
        line("- **\(share)** (\(Quantity.bytes(part.amount.byteCount))) from:")
        writeStack(part.stack, timeline, line)
      }
    }
  }

  private func writeStack(_ stack: ReportStack, _ timeline: Timeline, _ line: (String) -> Void) {
    line("")
    line("   ```")
    let frames = Array(timeline.frames.frames(of: stack))
    for frame in frames.prefix(Self.frameLimit) {
      let place = [frame.file, frame.line.map(String.init), frame.column.map(String.init)]
        .compactMap { $0 }.joined(separator: ":")
      let name = frame.function ?? frame.image ?? "0x" + String(frame.address, radix: 16)
      line("   " + PrintableText.escaped(place.isEmpty ? name : "\(name)  \(place)"))
    }
    if frames.count > Self.frameLimit { line("   … \(frames.count - Self.frameLimit) more") }
    line("   ```")
    line("")
  }

  private func cause(_ timeline: Timeline) -> String {
    let verdict = timeline.verdict
    let words =
      switch verdict.kind {
      case .leak: "Native memory is allocated and never freed"
      case .externalMemory: "JavaScript holds on to Buffers, whose memory is outside V8's heap"
      case .allocatorRetention: "The allocator keeps memory that the program has freed"
      case .javaScriptHeap: "JavaScript holds on to objects: V8's heap grows"
      case .mmap: "Memory is mapped and never unmapped"
      case .cacheOrWarmup: "Something was built up once and is kept: a cache, tables, a pool"
      case .none: "Nothing goes on growing"
      }
    return "**\(verdict.kind.rawValue)**, confidence \(TimelineWords.percent(verdict.confidence)). "
      + words
      + (verdict.bytesPerHour > 0 ? ", \(TimelineWords.rate(verdict.bytesPerHour))." : ".")
  }

  private static func program(_ trace: TraceSummary) -> String {
    let command = trace.command.isEmpty ? trace.executable : trace.command.joined(separator: " ")
    return PrintableText.cut(
      PrintableText.escaped(command).split(separator: "`").joined(separator: "'"), to: 120)
  }

  private static func ending(_ state: TraceSummary.State) -> String {
    switch state {
    case .running: "still running"
    case .killed: "killed or crashed"
    case .stopped: "recording stopped before the program ended"
    case .exited: "exited"
    case .executed: "replaced by another program"
    }
  }

  /// Text that can mean nothing to Markdown, nor to HTML in it.
  private static func inline(_ text: String) -> String {
    var result = ""
    for character in PrintableText.escaped(text) {
      switch character {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "|", "*", "_", "`", "\\": result += "\\" + String(character)
      default: result.append(character)
      }
    }
    return result
  }
}
