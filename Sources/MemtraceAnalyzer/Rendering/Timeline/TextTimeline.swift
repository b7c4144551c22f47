// SPDX-License-Identifier: Apache-2.0
//
// The timeline for people: the verdict and its reasons first, then the curve, what grows, what
// happened when, and what to do next.

import Symbolication

/// Writes timelines as text.
package struct TextTimeline {
  private static let eventLimit = 8
  private static let operationLimit = 10

  let options: TextOptions

  package init(options: TextOptions = TextOptions()) {
    self.options = options
  }

  package func render(_ timeline: Timeline, to output: ReportOutput) {
    let page = TextPage(output, options)
    TextVerdict.writeProgram(timeline.trace, on: page)
    writeVerdict(timeline, on: page)
    writeCharts(timeline, on: page)
    writePatterns(timeline, on: page)
    writeParts(timeline, on: page)
    writeSites(
      "Sites that go on growing", timeline.growingSites, of: timeline.growingSiteCount, timeline,
      on: page)
    writeSites(
      "Mappings that go on growing", timeline.growingMappings, of: timeline.growingMappings.count,
      timeline, on: page)
    writeSpike(timeline, on: page)
    writeEvents(timeline, on: page)
    writeOperations(timeline, on: page)
    writeCollector(timeline, on: page)
    TextWarnings(warnings: timeline.warnings).write(on: page)
    page.heading("What to do next")
    for step in timeline.verdict.nextSteps {
      page.paragraph(PrintableText.escaped(step), indent: 2, hanging: 2)
    }
  }

  private func writeVerdict(_ timeline: Timeline, on page: TextPage) {
    let verdict = timeline.verdict
    page.blank()
    let rate =
      verdict.bytesPerHour > 0 ? " of \(TimelineWords.rate(verdict.bytesPerHour))" : ""
    page.paragraph(
      "Verdict: \(verdict.kind.rawValue)\(rate) (confidence "
        + "\(TimelineWords.percent(verdict.confidence)))",
      style: timeline.endsOnSpike && verdict.kind == .none ? .warning : Self.style(of: verdict.kind)
    )
    for sentence in verdict.evidence {
      page.paragraph("- " + PrintableText.escaped(sentence), indent: 2, hanging: 2)
    }
    guard let death = timeline.death else { return }
    page.paragraph(PrintableText.escaped(death.words + fastest(timeline)), style: .warning)
  }

  private static func style(of kind: Verdict.Kind) -> TextStyle {
    switch kind {
    case .leak, .javaScriptHeap, .mmap, .externalMemory: .alarming
    case .allocatorRetention, .cacheOrWarmup: .warning
    case .none: .good
    }
  }

  private func fastest(_ timeline: Timeline) -> String {
    timeline.fastestGrowth.map { " Growing fastest: \($0)." } ?? ""
  }

  private func writeCharts(_ timeline: Timeline, on page: TextPage) {
    let marks = timeline.events.compactMap { event -> UInt64? in
      if case .mark = event.kind { event.nanoseconds } else { nil }
    }
    page.heading("Over time")
    let series = timeline.series
    TextChart(
      nanoseconds: series.nanoseconds,
      values: zip(series.mallocBytes, series.mallocPeakBytes).map { max($0, $1) }, height: 6
    ).write(
      title: "live malloc", marks: series.rssBytes.contains { $0 != nil } ? [] : marks, on: page)
    if series.javaScriptHeapBytes.contains(where: { ($0 ?? 0) > 0 }) {
      TextChart(nanoseconds: series.nanoseconds, values: series.javaScriptHeapBytes, height: 4)
        .write(title: "JavaScript heap", marks: [], on: page)
    }
    TextChart(nanoseconds: series.nanoseconds, values: series.rssBytes, height: 6)
      .write(title: "RSS", marks: marks, on: page)
  }

  private func writePatterns(_ timeline: Timeline, on page: TextPage) {
    let from = Quantity.instant(timeline.judged.lowerBound)
    page.heading(
      "Patterns", "from \(from) to \(Quantity.instant(timeline.judged.upperBound))")
    let rows = [
      ("live malloc", timeline.malloc), ("mmap", timeline.mmap),
      ("JavaScript heap", timeline.javaScriptHeap), ("RSS", timeline.rss),
    ]
    for (name, pattern) in rows {
      guard let pattern else { continue }
      let indent = 39
      let room = max(20, page.width - indent)
      for (index, facts) in PrintableText.wrapped(Self.facts(pattern), to: room).enumerated() {
        page.line(
          .init("  " + PrintableText.padded(index == 0 ? name : "", to: 17)),
          .init(
            PrintableText.padded(index == 0 ? TimelineWords.kind(pattern) : "", to: 20), .strong),
          .init(facts, .faint))
      }
    }
  }

  private static func facts(_ pattern: GrowthPattern) -> String {
    var facts =
      "\(TimelineWords.bytes(pattern.startBytes)) to \(TimelineWords.bytes(pattern.endBytes))"
    if pattern.kind == .sawtooth {
      facts += ", baseline \(pattern.baselineRises ? "rises" : "level")"
    }
    if pattern.bytesPerHour > 0 {
      facts += ", \(TimelineWords.rate(pattern.bytesPerHour))"
      facts += " (\(TimelineWords.range(pattern)))"
    }
    if pattern.kind == .spike || pattern.kind == .plateauThenSpike {
      facts += ", peak \(TimelineWords.bytes(pattern.peakBytes))"
    }
    guard pattern.isKnown else { return facts }
    return facts + ", confidence \(TimelineWords.percent(pattern.confidence))"
  }

  private func writeParts(_ timeline: Timeline, on page: TextPage) {
    guard !timeline.parts.isEmpty else { return }
    page.heading("What RSS consists of", "at the start, at the end, change")
    for part in timeline.parts {
      let columns = [
        Quantity.bytes(part.startBytes), Quantity.bytes(part.endBytes),
        TimelineWords.change(part.growthBytes),
      ]
      page.line(
        .init("  " + PrintableText.padded(Self.name(of: part.kind), to: 32)),
        .init(columns.map { PrintableText.padded($0, to: 13, onLeft: true) }.joined()))
    }
  }

  private static func name(of kind: MemoryPart.Kind) -> String {
    switch kind {
    case .malloc: "live malloc"
    case .allocatorOverhead: "the allocator's headers"
    case .allocatorFree: "free, kept by the allocator"
    case .javaScriptHeap: "JavaScript heap"
    case .mmap: "mapped memory"
    case .files: "code and files"
    case .unexplained: "unexplained (stacks, data)"
    }
  }

  private func writeSites(
    _ title: String, _ sites: [GrowingSite], of count: Int, _ timeline: Timeline,
    on page: TextPage
  ) {
    guard !sites.isEmpty else { return }
    page.heading(
      title,
      count > sites.count
        ? "the fastest \(sites.count) of \(count)" : Quantity.count(UInt64(count), "site"))
    let frames = TextFrames(frames: timeline.frames, directory: timeline.trace.directory)
    for (index, site) in sites.enumerated() {
      let ordinal = PrintableText.padded("\(index + 1).", to: 3, onLeft: true) + " "
      let blocks = Quantity.count(site.endAmount.count, "block")
      page.line(
        .init(ordinal, .faint), .init(TimelineWords.rate(site.pattern.bytesPerHour), .strong),
        .init(
          "  \(page.bytes(site.endAmount.byteCount)) in \(blocks) by the end, confidence "
            + TimelineWords.percent(site.pattern.confidence)))
      frames.write(site.stack, on: page, indent: 4)
    }
  }

  private func writeSpike(_ timeline: Timeline, on page: TextPage) {
    guard let spike = timeline.spike else { return }
    page.heading(
      "At the peak",
      "\(page.bytes(spike.outstandingBytes)) at \(Quantity.instant(spike.nanoseconds))")
    let frames = TextFrames(frames: timeline.frames, directory: timeline.trace.directory)
    for part in spike.parts.prefix(3) {
      let share = Quantity.share(part.amount.byteCount, of: spike.outstandingBytes)
      page.line(
        .init("  \(share)", .strong),
        .init(
          "  \(page.bytes(part.amount.byteCount)) in \(Quantity.count(part.amount.count, "block")) from"
        ))
      frames.write(part.stack, on: page, indent: 4)
    }
  }

  private func writeEvents(_ timeline: Timeline, on page: TextPage) {
    let large = timeline.events.compactMap { event -> LargeAllocation? in
      if case .large(let large) = event.kind { large } else { nil }
    }
    let shown = Set(
      large.enumerated().sorted { $0.element.byteCount > $1.element.byteCount }
        .prefix(Self.eventLimit).map(\.offset))
    guard !shown.isEmpty else { return }
    page.heading("Large and sudden allocations")
    let summary = StackSummary(timeline.frames, directory: timeline.trace.directory)
    for (index, event) in large.enumerated() where shown.contains(index) {
      let what =
        event.kind == .single ? "in one block" : "in \(Quantity.count(event.blockCount, "block"))"
      let time = PrintableText.padded(Quantity.instant(event.nanoseconds), to: 12, onLeft: true)
      let amount = "  \(page.bytes(event.byteCount))"
      let room = page.width - PrintableText.width("  \(time)\(amount) \(what)  ")
      page.line(
        .init("  " + time, .faint), .init(amount, .strong), .init(" \(what)  "),
        .init(summary.words(event.stack, room: room), .faint))
    }
    if large.count > shown.count {
      page.line(.init("  … \(large.count - shown.count) more; --format json has them", .faint))
    }
  }

  private func writeOperations(_ timeline: Timeline, on page: TextPage) {
    guard !timeline.operations.isEmpty else { return }
    page.heading("What grew between marks", "by the mark that begins it")
    page.line(
      .init("  " + PrintableText.padded("grew by", to: 12, onLeft: true), .faint),
      .init(PrintableText.padded("each", to: 12, onLeft: true), .faint),
      .init(PrintableText.padded("times", to: 8, onLeft: true) + "  operation", .faint))
    let summary = StackSummary(timeline.frames)
    for operation in timeline.operations.prefix(Self.operationLimit) {
      let each = operation.growthBytes / Int64(max(1, operation.count))
      let columns = [
        PrintableText.padded(TimelineWords.change(operation.growthBytes), to: 12, onLeft: true),
        PrintableText.padded(TimelineWords.change(each), to: 12, onLeft: true),
        PrintableText.padded(String(operation.count), to: 8, onLeft: true),
      ]
      let top = operation.topStack.map { "  " + PrintableText.escaped(summary.words($0)) } ?? ""
      page.line(
        .init("  " + columns.joined() + "  "),
        .init(PrintableText.escaped(operation.name), .strong),
        .init(operation.growthBytes > 0 ? top : "", .faint))
    }
    if timeline.operations.count > Self.operationLimit {
      let more = timeline.operations.count - Self.operationLimit
      page.line(.init("  … \(more) more; --format json has them", .faint))
    }
  }

  private func writeCollector(_ timeline: Timeline, on page: TextPage) {
    guard let collector = timeline.collector else { return }
    let hours = Double(collector.spanNanoseconds) / 3600e9
    let rate = hours > 0 ? Double(collector.allocatedBytes) / hours / 3600 : 0
    page.heading("Garbage collection")
    page.paragraph(
      """
      \(TimelineWords.percent(collector.timeShare)) of the time in \
      \(Quantity.count(UInt64(collector.minorCount), "scavenge")) and \
      \(Quantity.count(UInt64(collector.majorCount), "full collection")), the longest \
      \(Quantity.duration(collector.longestNanoseconds)); beside it \(TimelineWords.bytes(rate)) of \
      native memory allocated each second.
      """, indent: 2)
    if let first = collector.firstUsedBytes, let last = collector.lastUsedBytes {
      page.paragraph(
        "In use behind the first full collection: \(page.bytes(first)), behind the last "
          + "\(page.bytes(last)).", indent: 2)
    }
  }
}

extension Timeline {
  /// What grew fastest, in a few words.
  var fastestGrowth: String? {
    if verdict.kind == .javaScriptHeap {
      return "V8's heap, \(TimelineWords.rate(verdict.bytesPerHour))"
    }
    let candidates = (growingSites + growingMappings)
      .max { $0.pattern.bytesPerHour < $1.pattern.bytesPerHour }
    if let site = candidates {
      return
        "\(StackSummary(frames).words(site.stack)), \(TimelineWords.rate(site.pattern.bytesPerHour))"
    }
    return spike?.parts.first.map {
      "\(StackSummary(frames).words($0.stack)), \(Quantity.bytes($0.amount.byteCount)) at the peak"
    }
  }
}
