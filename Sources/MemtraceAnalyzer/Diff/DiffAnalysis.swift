// SPDX-License-Identifier: Apache-2.0
//
// Compares what is outstanding at two instants. Sites are matched by the names of their frames, so
// that neither another address nor another line makes another site of one.

import Symbolication
import TraceFile

/// What is asked of a diff.
package struct DiffOptions: Sendable {
  /// Of one trace, the two instants; of two, an instant of each.
  ///
  /// nil: the start and the end of one, the ends of both.
  package var from: TimeBound?
  package var to: TimeBound?
  /// Most sites to list; nil: all that differ.
  package var limit: Int?
  package var sysroot: String?
  package var usesNameCache = true

  package init() {}
}

extension Analyzer {
  /// What differs between two instants of `trace`.
  package static func diff(
    of trace: TraceFile, options: DiffOptions, progress: ((Phase) -> Void)? = nil
  ) throws -> TraceDiff {
    var symbolicator = symbolicator(for: trace, options)
    return try diff(of: trace, options: options, using: &symbolicator, progress: progress)
  }

  static func diff(
    of trace: TraceFile, options: DiffOptions, using symbolicator: inout some Symbolicator,
    progress: ((Phase) -> Void)? = nil
  ) throws -> TraceDiff {
    let from = try options.from?.ticks(in: trace, as: .from) ?? Ticks(0)
    let to = try options.to?.ticks(in: trace, as: .to) ?? max(trace.endTicks, from)
    guard from < to else {
      throw AnalysisError.emptyInterval(
        fromNanoseconds: trace.clock.nanoseconds(at: from),
        toNanoseconds: trace.clock.nanoseconds(at: to))
    }
    let heap = try DiffSide(trace, at: [from, to], using: &symbolicator, progress: progress)
    var sites = DiffSites()
    sites.add(heap, instant: 0, isAfter: false)
    sites.add(heap, instant: 1, isAfter: true)
    return sites.diff(
      before: heap.side(0), after: heap.side(1), isOneTrace: true, warnings: heap.warnings,
      limit: options.limit)
  }

  /// What differs between two traces.
  package static func diff(
    of before: TraceFile, and after: TraceFile, options: DiffOptions,
    progress: ((Phase) -> Void)? = nil
  ) throws -> TraceDiff {
    var first = symbolicator(for: before, options)
    var second = symbolicator(for: after, options)
    return try diff(
      of: before, and: after, options: options, using: &first, &second, progress: progress)
  }

  static func diff(
    of before: TraceFile, and after: TraceFile, options: DiffOptions,
    using first: inout some Symbolicator, _ second: inout some Symbolicator,
    progress: ((Phase) -> Void)? = nil
  ) throws -> TraceDiff {
    let from = try options.from?.ticks(in: before, as: .to) ?? before.endTicks
    let to = try options.to?.ticks(in: after, as: .to) ?? after.endTicks
    let left = try DiffSide(before, at: [from], using: &first, progress: progress)
    let right = try DiffSide(after, at: [to], using: &second, progress: progress)
    var sites = DiffSites()
    sites.add(left, instant: 0, isAfter: false)
    sites.add(right, instant: 0, isAfter: true)
    return sites.diff(
      before: left.side(0), after: right.side(0), isOneTrace: false,
      warnings: left.warnings + right.warnings, limit: options.limit)
  }

  private static func symbolicator(
    for trace: TraceFile, _ options: DiffOptions
  ) -> ElfSymbolicator {
    ElfSymbolicator(
      images: LoadedImage.images(of: trace), sysroot: options.sysroot,
      cache: options.usesNameCache ? .standard() : nil)
  }
}

/// What one trace holds at one or two instants, with names.
private struct DiffSide {
  let history: SiteHistory
  let frames: FrameTable
  let resolver: StackResolver
  let warnings: [ReportWarning]
  private let trace: TraceFile
  private let summary: TraceSummary

  init(
    _ trace: TraceFile, at instants: [Ticks], using symbolicator: inout some Symbolicator,
    progress: ((Analyzer.Phase) -> Void)?
  ) throws {
    let map = trace.codeNames.isEmpty ? PerfMap(of: trace, root: nil) : nil
    let replay = try Replay(
      trace, from: Ticks(0), through: instants.max() ?? Ticks(0), options: AnalysisOptions(),
      history: GeneratedCodeHistory(map?.names ?? trace.codeNames),
      recorder: HistoryRecorder(at: instants, splitsCohorts: false, changeLimit: nil),
      progress: progress.map { progress in { progress(.reading($0)) } })
    progress?(.naming)
    history = replay.siteHistory
    resolver = StackResolver(history.sites.map(\.stack), meanings: replay.meanings)
    frames = resolver.frames(using: &symbolicator)
    self.trace = trace
    summary = TraceSummary(trace, replay)
    warnings = ReportWarning.list(trace, replay, summary)
  }

  func side(_ instant: Int) -> TraceDiff.Side {
    let totals = history.totals[instant]
    return TraceDiff.Side(
      trace: summary, nanoseconds: trace.clock.nanoseconds(at: totals.ticks),
      outstanding: SiteAmount(byteCount: totals.outstandingBytes, count: totals.outstandingCount),
      mappings: totals.mappings,
      rssBytes: trace.samples.last { $0.ticks <= totals.ticks }?[.rssBytes])
  }
}

/// Sites of both sides by their names.
private struct DiffSites {
  private var numbers: [[FrameName]: UInt32] = [:]
  private var sites: [[UInt32]: TraceDiff.Site] = [:]
  /// Bytes of the stack that each of them is shown by: the largest, of the later side where it has one.
  private var shownBytes: [[UInt32]: (isAfter: Bool, byteCount: UInt64)] = [:]
  private var frames: [[Frame]] = []

  mutating func add(_ side: DiffSide, instant: Int, isAfter: Bool) {
    let first = UInt32(truncatingIfNeeded: frames.count)
    let names = side.frames.indices.map { address -> UInt32 in
      frames.append(side.frames[address])
      let names = side.frames[address].map(FrameName.init)
      let number = numbers[names] ?? UInt32(truncatingIfNeeded: numbers.count)
      numbers[names] = number
      return number
    }
    for site in side.history.sites {
      let amount = site.amount(at: instant)
      guard amount.count > 0 else { continue }
      var stack = side.resolver.reportStack(site.stack)
      let key = stack.addresses.map { names[Int($0)] }
      stack.addresses = stack.addresses.map { $0 &+ first }
      var entry =
        sites[key] ?? TraceDiff.Site(before: SiteAmount(), after: SiteAmount(), stack: stack)
      let shown = shownBytes[key] ?? (isAfter, 0)
      if shown.isAfter != isAfter || amount.byteCount > shown.byteCount {
        entry.stack = stack
        shownBytes[key] = (isAfter, amount.byteCount)
      }
      if isAfter {
        entry.after.byteCount &+= amount.byteCount
        entry.after.count &+= amount.count
      } else {
        entry.before.byteCount &+= amount.byteCount
        entry.before.count &+= amount.count
      }
      sites[key] = entry
    }
  }

  func diff(
    before: TraceDiff.Side, after: TraceDiff.Side, isOneTrace: Bool, warnings: [ReportWarning],
    limit: Int?
  ) -> TraceDiff {
    let differing = sites.values.filter { $0.before != $0.after }
    let sorted = differing.sorted(by: Self.isBefore)
    let grown = sorted.count { $0.growthBytes > 0 }
    let shrunk = sorted.count { $0.growthBytes < 0 }
    var listed = sorted
    if let limit, sorted.count > limit {
      // What shrank explains what grew: some of it is shown, too.
      let tail = min(shrunk, limit / 4)
      listed = sorted.prefix(limit - tail) + sorted.suffix(tail)
    }
    return TraceDiff(
      before: before, after: after, isOneTrace: isOneTrace, sites: listed, grownSiteCount: grown,
      shrunkSiteCount: shrunk, unchangedSiteCount: sites.count - differing.count,
      warnings: warnings, frames: FrameTable(frames))
  }

  private static func isBefore(_ left: TraceDiff.Site, _ right: TraceDiff.Site) -> Bool {
    if left.growthBytes != right.growthBytes { return left.growthBytes > right.growthBytes }
    if left.growthCount != right.growthCount { return left.growthCount > right.growthCount }
    return left.stack.addresses.lexicographicallyPrecedes(right.stack.addresses)
  }
}
