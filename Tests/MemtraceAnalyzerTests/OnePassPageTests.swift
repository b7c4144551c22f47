// SPDX-License-Identifier: Apache-2.0
//
// A page is made of one pass over the events: it must be the page that several passes would make, each
// for one thing, on programs made at random; and it must be one pass.

import MemtraceTestSupport
import Symbolication
import Testing
import TraceFile

@testable import MemtraceAnalyzer

@Suite struct OnePassPageTests {
  private struct Key: Hashable {
    var stack: StackID
    var cohort: Int
  }

  /// A history with what is the same however it was made: no order of sites, no parts of sums.
  private struct Books: Equatable {
    var instants: [Ticks]
    var rows: [[UInt64]]
    var changes: [Key: [SiteChange]]
    var allocations: [Key: [UInt64]]

    init(_ history: SiteHistory) {
      instants = history.instants
      rows = history.totals.map { row in
        [
          row.ticks.rawValue, row.outstandingBytes, row.outstandingCount, row.peakBytes,
          row.peakTicks.rawValue, row.allocatedBytes, row.allocationCount, row.freedBytes,
          row.freeCount, row.mappings.anonymousBytes + row.mappings.fileBytes,
        ]
      }
      changes = Dictionary(
        uniqueKeysWithValues: history.sites.map {
          (Key(stack: $0.stack, cohort: $0.cohort), Array($0.changes))
        })
      allocations = [:]
      for part in history.allocations {
        let key = Key(stack: part.stack, cohort: part.cohort)
        let sum = allocations[key] ?? [0, 0, 0]
        allocations[key] = [
          sum[0] + part.byteCount, sum[1] + part.count, sum[2] + part.temporaryCount,
        ]
      }
    }
  }

  private func replay(
    _ trace: TraceFile, _ cohorts: CohortRecorder? = nil, at instants: [Ticks] = []
  )
    throws -> Replay
  {
    try Replay(
      trace, from: Ticks(0), through: Ticks(.max), options: AnalysisOptions(),
      history: GeneratedCodeHistory(trace.codeNames),
      recorder: HistoryRecorder(at: instants, splitsCohorts: false, changeLimit: nil),
      cohorts: cohorts, progress: nil)
  }

  private func program(_ seed: UInt64, steps: Int = 4000) -> RandomProgram {
    RandomProgram(
      seed: seed, steps: steps,
      clock: seed % 3 == 0 ? .monotonic : .tsc(ticksPerMicrosecond: seed % 3 == 1 ? 2900 : 650))
  }

  @Test(arguments: 1...24 as ClosedRange<UInt64>)
  func cohortsAreThoseOfAPassOfTheirOwn(seed: UInt64) throws {
    let trace = try TemporaryTrace(program(seed).builder).open()
    let interval = try Interval(AnalysisOptions(), in: trace)
    let plain = try replay(trace)
    let peak = plain.heap.totals.peakTicks

    var plan = MemoryPlan(trace, interval)
    let recorder = CohortRecorder(at: plan.instants.map(\.ticks))
    // Somebody else looks at other instants meanwhile.
    let others = SiteHistory.grid(through: trace.endTicks, count: 31)
    let shared = try replay(trace, recorder, at: others)
    let (totals, sites) = (plain.heap.totals, plain.heap.usedSites())
    let (sharedTotals, sharedSites) = (shared.heap.totals, shared.heap.usedSites())
    #expect(sharedTotals == totals)
    #expect(sharedSites == sites)
    let othersHistory = shared.siteHistory
    #expect(
      Books(othersHistory) == Books(try SiteHistory(of: trace, at: others, changeLimit: nil)))

    // A replay cannot be copied into the macro.
    let recorded = shared.cohorts
    let written = try #require(recorded)
    #expect(written.peak?.ticks == peak)
    var history = written.history(shared.meanings)
    #expect(
      Books(history)
        == Books(
          try SiteHistory(of: trace, at: plan.instants.map(\.ticks), splitsCohorts: true)))

    let instant = plan.add(peak: peak)
    let division = try PeakDivision(of: trace, history, written, at: instant)
    if let division {
      history = division.history
      let alone = Books(try SiteHistory(of: trace, at: [peak]))
      let atPeak = Books(division.atPeak())
      #expect(atPeak.changes == alone.changes)
      // What was outstanding, and the peak; what was allocated until then is of no use.
      #expect(atPeak.rows.map { $0.prefix(5) } == alone.rows.map { $0.prefix(5) })
    }
    // It is an instant now, or was one.
    #expect(history.instants.contains(instant) || !plan.instants.contains { $0.ticks == instant })
    let instants = plan.instants.map(\.ticks)
    let reference = try SiteHistory(of: trace, at: instants, splitsCohorts: true)
    #expect(Books(history) == Books(reference))
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func whatTheTimelineThinksIsWhatItThinksAlone(seed: UInt64) throws {
    let trace = try TemporaryTrace(program(seed, steps: 9000).builder).open()
    var symbolicator = FakeSymbolicator()
    var options = AnalysisOptions()
    let plain = try Analyzer.report(on: trace, options: options, using: &symbolicator)
    options.recordsMemory = true
    let page = try Analyzer.report(on: trace, options: options, using: &symbolicator)
    var alone = try Analyzer.timeline(
      on: trace, options: TimelineOptions(), using: &symbolicator)
    var onPage = try #require(page.timeline)
    // A page has large allocations of its own.
    alone.events = []
    onPage.events = []
    #expect(try json(onPage) == json(alone))
    #expect(page.heap == plain.heap)
    #expect(page.sites == plain.sites)
    #expect(page.largeAllocations == plain.largeAllocations)
  }

  private func json(_ timeline: Timeline) throws -> String {
    var text: [UInt8] = []
    let output = ReportOutput { text += $0 }
    JSONTimeline().render(timeline, to: output)
    try output.finish()
    return String(decoding: text, as: UTF8.self)
  }

  /// The sums of a brushed range are those of a pass over that time alone.
  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func aRangeOfThePageHasTheSumsOfThatTime(seed: UInt64) throws {
    let trace = try TemporaryTrace(program(seed).builder).open()
    var symbolicator = FakeSymbolicator()
    var options = AnalysisOptions()
    options.recordsMemory = true
    let page = try Analyzer.report(on: trace, options: options, using: &symbolicator)
    let memory = try #require(page.memory)
    let count = memory.instants.count
    func ticks(_ instant: Int) -> Ticks {
      instant == count - 1
        ? Ticks(.max) : trace.clock.ticks(atNanoseconds: memory.instants[instant].nanoseconds)
    }
    var random = SplitMix64(seed: seed)
    for _ in 0..<40 {
      let from = Int.random(in: 0..<count - 1, using: &random)
      let to = Int.random(in: from + 1..<count, using: &random)
      let cohorts = memory.cohorts.filter { from < $0.instant && $0.instant <= to }
      let alone = try Replay(
        trace, from: Ticks(ticks(from).rawValue + 1), through: ticks(to),
        options: AnalysisOptions(), history: GeneratedCodeHistory(trace.codeNames), progress: nil)
      let totals = alone.heap.totals
      let held = cohorts.map { cohort in
        cohort.changes.last { Int($0.instant) <= to }?.amount ?? SiteAmount()
      }
      #expect(held.reduce(0) { $0 + $1.byteCount } == totals.outstandingBytes)
      #expect(held.reduce(0) { $0 + $1.count } == totals.outstandingCount)
      #expect(cohorts.reduce(0) { $0 + $1.allocatedBytes } == totals.allocatedBytes)
      #expect(cohorts.reduce(0) { $0 + $1.allocationCount } == totals.allocationCount)
    }
  }

  @Test func eventsAreDecodedOnceAndThoseAroundThePeakTwice() throws {
    let builder = program(5, steps: 60_000).builder
    let file = try TemporaryTrace(builder)
    var symbolicator = FakeSymbolicator()
    func decoded(_ change: (inout AnalysisOptions) -> Void) throws -> UInt64 {
      let trace = try file.open()
      var options = AnalysisOptions()
      change(&options)
      _ = try Analyzer.report(on: trace, options: options, using: &symbolicator)
      return trace.decodedEventCount
    }
    let once = try decoded { _ in }
    #expect(once > 50_000)
    let page = try decoded { $0.recordsMemory = true }
    #expect(page >= once)
    // One interval of ninety-six and the chunks it reaches into.
    #expect(page < once + once / 10, "\(page) of \(once)")
  }
}
