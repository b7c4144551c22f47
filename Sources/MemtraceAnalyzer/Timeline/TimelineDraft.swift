// SPDX-License-Identifier: Apache-2.0
//
// A timeline under construction: the series, the span that is judged, and what needs names before
// it can be told apart.

import Symbolication
import TraceFile

/// What one pass over a trace gave, on its way into a `Timeline`.
struct TimelineDraft {
  private static let spikePartLimit = 5
  /// What garbage makes of a JavaScript heap between two collections: a semi-space of V8's.
  private static let collectedBytes = 16_777_216.0
  /// V8 lets its heap stand for a while, and then takes half as much again: only a long rest is one.
  private static let heapSettledShare = 0.5

  private let trace: TraceFile
  private let options: TimelineOptions
  private(set) var history: SiteHistory
  /// Places of the grid's instants among those of the history.
  private let places: [Int]
  private(set) var series = TimelineSeries()
  private var judgedGrid: Range<Int>
  private let malloc: GrowthPattern
  /// Where a spike is to be taken apart: the history at its peak.
  var atPeak: SiteHistory?
  private var origins: StackOrigins?
  private var resolver: StackResolver?

  init(
    _ trace: TraceFile, _ history: SiteHistory, grid: [Ticks], options: TimelineOptions
  ) {
    self.trace = trace
    self.history = history
    self.options = options
    let places = ExactInstants.places(of: grid, in: history.instants)
    self.places = places
    series = TimelineSeries(history, grid: grid, places: places, trace)
    judgedGrid = JudgedSpan.range(series, trace, options)
    malloc = Self.pattern(
      series, judgedGrid, series.mallocBytes, peaks: series.mallocPeakBytes, leastTolerance: 4096,
      share: 0.01)
  }

  /// The instant at which a spike of live malloc was highest.
  var peakToTakeApart: Ticks? {
    guard malloc.kind == .spike || malloc.kind == .plateauThenSpike else { return nil }
    let first = places[judgedGrid.lowerBound]
    let last = places[judgedGrid.upperBound - 1]
    return history.totals[first...last].max { $0.peakBytes < $1.peakBytes }?.peakTicks
  }

  /// Stacks that need names.
  var stacks: [StackID] {
    history.sites.map(\.stack) + history.mappings.map(\.stack)
      + (atPeak?.sites.map(\.stack) ?? [])
  }

  /// Tells apart what the names tell apart.
  mutating func name(with resolver: StackResolver, _ frames: FrameTable) {
    if let numbers = resolver.numbers(byLooks: FrameLooks(frames).numbers) {
      history.merge(by: numbers)
      atPeak?.merge(by: numbers)
    }
    self.resolver = resolver
    let origins = StackOrigins(frames, resolver)
    self.origins = origins
    guard origins.hasHeap || !trace.jsMemory.isEmpty else { return }
    series.setJavaScriptHeap(history, places: places, trace) { origins.isHeap.contains($0) }
  }

  // MARK: The value

  func timeline(
    _ summary: TraceSummary, interval: ClosedRange<UInt64>, isPart: Bool, frames: FrameTable
  ) -> Timeline {
    let sites = growingSites(frames)
    let times = series.nanoseconds
    let judged = times[judgedGrid.lowerBound]...times[judgedGrid.upperBound - 1]
    let heap = javaScriptHeapPattern()
    var timeline = Timeline(
      trace: summary, interval: interval, isPartOfTrace: isPart, judged: judged, series: series,
      malloc: heap == nil ? malloc : mallocBesideEngine(),
      mmap: Self.pattern(
        series, judgedGrid, series.mmapBytes,
        leastTolerance: heap == nil ? 65536 : 2_097_152, share: heap == nil ? 0.01 : 0.05),
      rss: residentPattern(), javaScriptHeap: heap,
      verdict: Verdict(kind: .none, confidence: 0, evidence: [], nextSteps: [], bytesPerHour: 0),
      parts: parts(), growingSites: Array(sites.prefix(options.siteLimit ?? .max)),
      growingSiteCount: sites.count, growingMappings: growingMappings(), events: [],
      spike: spikeComposition(), operations: [], death: Death(trace), warnings: [],
      frames: frames, siteStride: history.siteStride)
    let other = zip(series.mmapBytes, series.mappedHeapBytes).map { $0 &- min($0, $1) }
    timeline.otherMmap = Self.pattern(
      series, judgedGrid, other, leastTolerance: 65536, share: 0.01)
    timeline.growthOfSites = sites.reduce(into: SiteGrowthSums()) { $0.add($1, frames) }
    timeline.threadCounts = counts(.threadCount)
    return timeline
  }

  /// Live malloc of a program with a JavaScript engine, whose own blocks come and go with its heap.
  private func mallocBesideEngine() -> GrowthPattern {
    Self.pattern(
      series, judgedGrid, series.mallocBytes, peaks: series.mallocPeakBytes,
      leastTolerance: 524_288, share: 0.1)
  }

  /// The pattern of a series of the grid.
  private static func pattern(
    _ series: TimelineSeries, _ range: Range<Int>, _ values: [UInt64], peaks: [UInt64]? = nil,
    leastTolerance: Double, share: Double, settledShare: Double = 0.3
  ) -> GrowthPattern {
    let judged = values[range].map { Double($0) }
    // The first peak is of before.
    let high = peaks.map { peaks in
      zip(range, judged).map { $0 == range.lowerBound ? $1 : Double(peaks[$0]) }
    }
    return PatternClassifier(
      times: series.nanoseconds[range].map { Double($0) / 1e9 }, values: judged, peaks: high,
      tolerance: max(leastTolerance, share * Statistics.median(judged)),
      settledShare: settledShare
    ).pattern()
  }

  private func javaScriptHeapPattern() -> GrowthPattern? {
    guard !series.javaScriptHeapBytes.isEmpty else { return nil }
    // What the engine says is in use is nearer to what the program holds than what it has mapped.
    let used = series.javaScriptUsedBytes
    let saysSo = judgedGrid.allSatisfy { $0 < used.count && used[$0] != nil }
    let values = saysSo ? used : series.javaScriptHeapBytes
    return Self.pattern(
      series, judgedGrid, values.map { $0 ?? 0 }, leastTolerance: Self.collectedBytes, share: 0.1,
      settledShare: Self.heapSettledShare)
  }

  private var judgedTicks: ClosedRange<Ticks> {
    let first = history.instants[places[judgedGrid.lowerBound]]
    return first...history.instants[places[judgedGrid.upperBound - 1]]
  }

  private var judgedSamples: [Sample] {
    trace.samples.filter { judgedTicks.contains($0.ticks) }
  }

  private func residentPattern() -> GrowthPattern? {
    let samples = judgedSamples.filter { $0[.rssBytes] != nil }
    guard !samples.isEmpty else { return nil }
    let step = max(1, samples.count / 256)
    let thinned = stride(from: 0, to: samples.count, by: step).map { samples[$0] }
    let values = thinned.map { Double($0[.rssBytes] ?? 0) }
    return PatternClassifier(
      times: thinned.map { Double(trace.clock.nanoseconds(at: $0.ticks)) / 1e9 }, values: values,
      tolerance: max(1_048_576, 0.03 * Statistics.median(values))
    ).pattern()
  }

  private func counts(_ field: Sample.Field) -> ClosedRange<UInt64>? {
    let values = judgedSamples.compactMap { $0[field] }
    guard let first = values.first, let last = values.last else { return nil }
    return min(first, last)...last
  }

  private func parts() -> [MemoryPart] {
    guard let start = resident(at: judgedGrid.lowerBound),
      let end = resident(at: judgedGrid.upperBound - 1)
    else { return [] }
    return ResidentMemory.parts(from: start, to: end)
  }

  private func resident(at index: Int) -> ResidentMemory? {
    let ticks = history.instants[places[index]]
    let known = trace.samples.filter { $0[.rssBytes] != nil }
    // A short trace may begin with the instant that is asked for.
    guard let sample = known.last(where: { $0.ticks <= ticks }) ?? known.first else { return nil }
    let arena = trace.samples.last { $0.ticks <= ticks && $0[.arenaUsedBytes] != nil }
    let heap = series.javaScriptHeapBytes.isEmpty ? 0 : series.javaScriptHeapBytes[index] ?? 0
    // Files are counted as files; what V8 maps is part of its heap.
    let mapped = history.totals[places[index]].mappings.anonymousBytes
    return ResidentMemory(
      sample, arena: arena, live: series.mallocBytes[index], javaScriptHeap: heap, mmap: mapped)
  }

  // MARK: Sites

  private var finder: GrowthFinder {
    GrowthFinder(
      times: series.nanoseconds[judgedGrid].map { Double($0) / 1e9 },
      places: Array(places[judgedGrid]))
  }

  private func growingSites(_ frames: FrameTable) -> [GrowingSite] {
    guard let resolver, let origins else { return [] }
    let first = places[judgedGrid.lowerBound]
    let last = places[judgedGrid.upperBound - 1]
    let sites = finder.growing(history.sites).map { site, pattern in
      let end = site.amount(at: last)
      let start = site.amount(at: first)
      let stack = resolver.reportStack(site.stack)
      let isExternal = origins.isExternal.contains(site.stack)
      return GrowingSite(
        pattern: pattern, endAmount: end,
        growthBytes: end.byteCount &- min(end.byteCount, start.byteCount), stack: stack,
        isExternal: isExternal,
        isOfEngine: !isExternal && StackOrigins.isOfEngine(frames.frames(of: stack)))
    }
    // What an engine needs for itself explains nothing.
    return sites.filter { !$0.isOfEngine } + sites.filter(\.isOfEngine)
  }

  private func growingMappings() -> [GrowingSite] {
    guard let resolver, let origins else { return [] }
    let finder = finder
    let count = history.instants.count
    let grown = history.mappings.compactMap { mapping -> GrowingSite? in
      guard mapping.changes.count > 2, !origins.isHeap.contains(mapping.stack) else { return nil }
      let totals = mapping.totals(count: count)
      let held = finder.places.map { totals[$0].anonymousBytes &+ totals[$0].fileBytes }
      guard let last = finder.places.last, let first = held.first, let end = held.last,
        let pattern = finder.pattern(of: held.map { Double($0) }, tolerance: 65536)
      else { return nil }
      return GrowingSite(
        pattern: pattern,
        endAmount: SiteAmount(byteCount: end, count: totals[last].outstandingCount),
        growthBytes: end &- min(end, first), stack: resolver.reportStack(mapping.stack))
    }
    return Array(
      grown.sorted { $0.pattern.bytesPerHour > $1.pattern.bytesPerHour }
        .prefix(options.siteLimit ?? .max))
  }

  private func spikeComposition() -> SpikeComposition? {
    guard let atPeak, let resolver, let totals = atPeak.totals.last else { return nil }
    let largest = atPeak.sites.filter { $0.lastAmount.count > 0 }
      .sorted { $0.lastAmount.byteCount > $1.lastAmount.byteCount }
      .prefix(Self.spikePartLimit)
    return SpikeComposition(
      nanoseconds: trace.clock.nanoseconds(at: totals.ticks),
      outstandingBytes: totals.outstandingBytes,
      parts: largest.map {
        SpikeComposition.Part(amount: $0.lastAmount, stack: resolver.reportStack($0.stack))
      })
  }
}
