// SPDX-License-Identifier: Apache-2.0
//
// The history of sites: on small traces written by hand, and against books kept the slow way on
// programs made at random.

import MemtraceTestSupport
import Symbolication
import Testing
import TraceFile

@testable import MemtraceAnalyzer

@Suite struct SiteHistoryTests {
  private func history(
    _ events: [TraceEvent], at instants: [UInt64], splitsCohorts: Bool = false,
    changeLimit: Int? = nil
  ) -> SiteHistory {
    var heap = HeapLedger(followsChanges: true)
    var mappings = MappingLedger(followsChanges: true)
    var recorder = HistoryRecorder(
      at: instants.map { Ticks($0) }, splitsCohorts: splitsCohorts, changeLimit: changeLimit)
    for event in events {
      while let instant = recorder.nextInstant, event.ticks > instant {
        recorder.record(&heap, &mappings)
      }
      heap.apply(event)
      mappings.apply(event)
    }
    while recorder.nextInstant != nil { recorder.record(&heap, &mappings) }
    heap.checkInvariants()
    return recorder.history(
      heap,
      StackMeanings(
        stacks: StackNodes().table, images: [], history: GeneratedCodeHistory([CodeName]())))
  }

  private func held(_ history: SiteHistory, stack: UInt32) -> [UInt64] {
    let series = history.sites.filter { $0.stack.rawValue == stack }
    return history.instants.indices.map { instant in
      series.reduce(0) { $0 + $1.amount(at: instant).byteCount }
    }
  }

  @Test func eachInstantHasWhatEverySiteHeldThen() {
    let history = history(
      [
        malloc(0x10, 100, stack: 1, at: 1), malloc(0x20, 7, stack: 2, at: 10),
        free(0x10, at: 11), malloc(0x30, 50, stack: 1, at: 25), free(0x30, at: 26),
        malloc(0x40, 3, stack: 1, at: 40),
      ], at: [10, 20, 30, 40, 50])
    #expect(held(history, stack: 1) == [100, 0, 0, 3, 3])
    #expect(held(history, stack: 2) == [7, 7, 7, 7, 7])
    #expect(history.totals.map(\.outstandingBytes) == [107, 7, 7, 10, 10])
    #expect(history.totals.map(\.outstandingCount) == [2, 1, 1, 2, 2])
    #expect(history.totals.map(\.allocatedBytes) == [107, 0, 50, 3, 0])
    #expect(history.totals.map(\.freedBytes) == [0, 100, 50, 0, 0])
    #expect(history.totals.map(\.freeCount) == [0, 1, 1, 0, 0])
    #expect(history.totals.map(\.peakBytes) == [107, 107, 57, 10, 10])
    #expect(history.totals[2].peakTicks == Ticks(25))
    #expect(history.siteStride == 1)
  }

  @Test func aSiteThatOnlyChurnsIsNotWrittenDownAgain() {
    var events = [malloc(0x10, 64, at: 1)]
    for tick: UInt64 in 2...90 {
      events.append(free(0x10, at: tick))
      events.append(malloc(0x10, 64, at: tick))
    }
    let history = history(events, at: [10, 20, 30, 40, 50])
    #expect(history.sites.map(\.changes.count) == [1])
    #expect(history.totals.map(\.allocatedBytes) == [640, 640, 640, 640, 640])
  }

  @Test func cohortsSayWhatOfEachIntervalIsStillThere() {
    let history = history(
      [
        malloc(0x10, 1, stack: 1, at: 5), malloc(0x20, 2, stack: 1, at: 15),
        malloc(0x30, 4, stack: 1, at: 20), free(0x20, at: 25), malloc(0x40, 8, stack: 1, at: 26),
        malloc(0x50, 16, stack: 0, at: 27), free(0x30, at: 35), malloc(0x60, 32, stack: 0, at: 36),
      ], at: [10, 20, 30, 40], splitsCohorts: true)
    func bytes(_ cohort: Int, _ instant: Int) -> UInt64 {
      history.outstanding(ofCohort: cohort, at: instant).reduce(0) { $0 + $1.amount.byteCount }
    }
    #expect((0..<4).map { bytes(0, $0) } == [1, 1, 1, 1])
    #expect((0..<4).map { bytes(1, $0) } == [0, 6, 4, 0])
    #expect((0..<4).map { bytes(2, $0) } == [0, 0, 24, 24])
    #expect((0..<4).map { bytes(3, $0) } == [0, 0, 0, 32])
    #expect(history.outstanding(ofCohort: 2, at: 3).map(\.stack.rawValue).sorted() == [0, 1])
    #expect(history.outstanding(ofCohort: 1, at: 3).isEmpty)
    // Freed or not.
    let allocated = (0..<4).map { cohort in
      history.allocations.filter { $0.cohort == cohort }.reduce(0) { $0 + $1.byteCount }
    }
    #expect(allocated == [1, 6, 24, 32])
  }

  @Test func whatIsMappedIsKnownAtEachInstantByKindAndStack() {
    let history = history(
      [
        mmap(0x1000, 0x4000, stack: 20, at: 1),
        mmap(0x9000, 0x1000, stack: 21, mapping: fileMemory, at: 12),
        munmap(0x1000, 0x1000, at: 22),
      ], at: [10, 20, 30])
    #expect(history.totals.map(\.mappings.anonymousBytes) == [0x4000, 0x4000, 0x3000])
    #expect(history.totals.map(\.mappings.fileBytes) == [0, 0x1000, 0x1000])
    #expect(history.totals.map(\.mappings.mappedBytes) == [0x4000, 0x1000, 0])
    #expect(history.mappings.map(\.stack.rawValue) == [20, 21])
    let first = history.mappings[0].totals(count: 3).map(\.outstandingBytes)
    #expect(first == [0x4000, 0x4000, 0x3000])
  }

  @Test func tooManyChangesMakeItCoarserButNotWrong() {
    var events: [TraceEvent] = []
    for step: UInt64 in 0..<512 {
      for site: UInt32 in 1...4 {
        events.append(
          malloc(step * 64 + UInt64(site) * 16, UInt64(site), stack: site, at: step * 10 + 5))
      }
    }
    let instants = (1...512 as ClosedRange<UInt64>).map { $0 * 10 }
    let fine = history(events, at: instants)
    let coarse = history(events, at: instants, changeLimit: 600)
    #expect(fine.siteStride == 1)
    #expect(coarse.siteStride == 4)
    #expect(coarse.totals == fine.totals)
    #expect(coarse.sites.reduce(0) { $0 + $1.changes.count } < 800)
    for site: UInt32 in 1...4 {
      let fine = held(fine, stack: site)
      let coarse = held(coarse, stack: site)
      for instant in stride(from: 0, to: 512, by: 4) { #expect(coarse[instant] == fine[instant]) }
      #expect(coarse[511] == fine[511])
    }
  }

  @Test func theGridBeginsAndEndsWhereItIsToldTo() {
    #expect(
      SiteHistory.grid(through: Ticks(100), count: 5).map(\.rawValue) == [0, 25, 50, 75, 100])
    #expect(SiteHistory.grid(from: Ticks(7), through: Ticks(7), count: 5) == [Ticks(7)])
    #expect(SiteHistory.grid(through: Ticks(2), count: 50).map(\.rawValue) == [0, 1, 2])
    let long = SiteHistory.grid(from: Ticks(5), through: Ticks(.max), count: 3)
    #expect(long.last == Ticks(.max))
  }

  @Test func mergedSeriesAddUp() {
    func series(_ changes: [(UInt32, UInt64)]) -> SiteSeries {
      SiteSeries(
        stack: StackID(1), cohort: 0,
        changes: changes.map {
          SiteChange(instant: $0.0, amount: SiteAmount(byteCount: $0.1, count: 1))
        }[...])
    }
    let sum = SiteSeries(sumOf: [
      series([(0, 5), (2, 7), (4, 0)]), series([(1, 100), (2, 200)]), series([(4, 1)]),
    ])
    #expect(sum.amounts(count: 6).map(\.byteCount) == [5, 105, 207, 207, 201, 201])
    #expect((0..<6).map { sum.amount(at: $0) } == sum.amounts(count: 6))
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func itAgreesWithBooksKeptTheSlowWay(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let builder = TraceBuilder()
    let stacks = (0..<6).map { builder.stack([0x1000 + $0, 0x2000]) }
    let windows = [
      builder.window(thread: 1, name: "main"), builder.window(thread: 2, name: "other"),
    ]
    var live: [UInt64: (stack: StackID, byteCount: UInt64, interval: Int)] = [:]
    let instants = Set((0..<12).map { _ in UInt64.random(in: 1...3000, using: &random) }).sorted()
    var expected: [[StackID: [Int: UInt64]]] = []
    func look() {
      var now: [StackID: [Int: UInt64]] = [:]
      for block in live.values {
        now[block.stack, default: [:]][block.interval, default: 0] += block.byteCount
      }
      expected.append(now)
    }
    for tick in 1...3100 as ClosedRange<UInt64> {
      while expected.count < instants.count, instants[expected.count] < tick { look() }
      let address = UInt64.random(in: 1...300, using: &random) * 16
      let window = windows[Int.random(in: 0...1, using: &random)]
      if live[address] != nil {
        live[address] = nil
        window.free(address, at: tick)
      } else {
        let stack = stacks[Int.random(in: 0..<6, using: &random)]
        let byteCount = UInt64.random(in: 1...900, using: &random)
        live[address] = (stack, byteCount, expected.count)
        window.malloc(address, byteCount, stack: stack, at: tick)
      }
      if tick % 500 == 0 { windows[Int(tick / 500) % 2].seal() }
    }
    builder.end(at: 3200)
    let trace = try TemporaryTrace(builder).open()
    let whole = try SiteHistory(of: trace, at: instants.map { Ticks($0) }.shuffled())
    let cohorts = try SiteHistory(
      of: trace, at: instants.map { Ticks($0) }, splitsCohorts: true)
    #expect(whole.instants.map(\.rawValue) == instants)
    #expect(whole.totals == cohorts.totals)
    for (instant, books) in expected.enumerated() {
      var sites: [StackID: UInt64] = [:]
      for site in whole.sites where site.amount(at: instant).count > 0 {
        sites[site.stack] = site.amount(at: instant).byteCount
      }
      #expect(sites == books.mapValues { $0.values.reduce(0, +) })
      var split: [StackID: [Int: UInt64]] = [:]
      for site in cohorts.sites where site.amount(at: instant).count > 0 {
        split[site.stack, default: [:]][site.cohort] = site.amount(at: instant).byteCount
      }
      #expect(split == books)
    }
  }
}
