// SPDX-License-Identifier: Apache-2.0
//
// The whole pipeline on traces made in memory: from the file's bytes to a report.

import CTraceFormat
import MemtraceTestSupport
import Symbolication
import Testing
import TraceFile

@testable import MemtraceAnalyzer

private typealias Fixture = AnalysisFixture

@Suite struct AnalyzerTests {
  private let millisecond: UInt64 = 1_000_000

  private func functions(_ stack: ReportStack, _ report: LeakReport) -> [String] {
    report.frames.frames(of: stack).map { $0.function ?? "?" }
  }

  @Test func aLeakIsReportedWithItsStackAndTheTotals() throws {
    let fixture = Fixture()
    fixture.builder.image("/app/program", start: 0x1000, end: 0x9000)
    let leak = fixture.builder.stack([0x1110, 0x1220])
    let other = fixture.builder.stack([0x1330, 0x1220])
    fixture.symbolicator.name(0x1110, "leak", "leak.c", line: 7)
    fixture.symbolicator.name(0x1330, "fine")
    fixture.symbolicator.name(0x1220, "main")
    for number: UInt64 in 1...10 {
      fixture.main.malloc(number * 0x100, 64, stack: leak, at: number * millisecond)
    }
    fixture.main.malloc(0x9000, 1000, stack: other, at: 20 * millisecond)
    fixture.main.free(0x9000, at: 21 * millisecond)
    fixture.builder.sample(at: 1 * millisecond, [.rssBytes: 100, .peakRSSBytes: 200])
    fixture.builder.sample(at: 5 * millisecond, [.rssBytes: 900, .peakRSSBytes: 1000])
    fixture.builder.sample(at: 15 * millisecond, [.rssBytes: 500])
    fixture.builder.end(at: 30 * millisecond)

    let report = try fixture.report()
    #expect(report.heap.outstandingCount == 10)
    #expect(report.heap.outstandingBytes == 640)
    #expect(report.heap.allocationCount == 11)
    #expect(report.heap.peakBytes == 1640)
    #expect(report.heap.peakNanoseconds == 20 * millisecond)
    #expect(report.heap.peakRSSBytes == 1000)
    #expect(report.heap.endRSSBytes == 500)
    #expect(report.heap.eventCount == 12)
    #expect(report.trace.durationNanoseconds == 30 * millisecond)
    #expect(report.trace.isComplete)
    #expect(report.warnings == [])
    #expect(report.sites.count == 1)
    let site = try #require(report.sites.first)
    #expect(site.totals.outstandingBytes == 640)
    #expect(site.firstNanoseconds == millisecond)
    #expect(site.lastNanoseconds == 10 * millisecond)
    #expect(site.functions.map(\.name) == ["malloc"])
    #expect(functions(site.stack, report) == ["leak", "main"])
  }

  @Test func aPeakFromBeforeTheProgramWasExecutedIsNotItsOwn() throws {
    let fixture = Fixture()
    fixture.builder.sample(at: 1 * millisecond, [.rssBytes: 100, .peakRSSBytes: 9000])
    fixture.builder.sample(at: 5 * millisecond, [.rssBytes: 300, .peakRSSBytes: 9000])
    fixture.builder.sample(at: 9 * millisecond, [.rssBytes: 200, .peakRSSBytes: 9000])
    fixture.builder.end(at: 10 * millisecond)
    #expect(try fixture.report().heap.peakRSSBytes == 300)
  }

  @Test func onlyAddressesThatAreReportedAreNamedAndEachOnce() throws {
    let fixture = Fixture()
    fixture.builder.image("/app/program", start: 0x1000, end: 0x9000)
    for number: UInt64 in 1...20 {
      let stack = fixture.builder.stack([0x2000 + number, 0x1220])
      fixture.main.malloc(number * 0x100, number, stack: stack, at: number)
    }
    fixture.builder.end(at: 30)
    let report = try fixture.report { $0.limit = 3 }
    #expect(report.sites.map(\.totals.outstandingBytes) == [20, 19, 18])
    #expect(report.selection.matching.siteCount == 20)
    #expect(fixture.symbolicator.requests.count == 1)
    let asked = fixture.symbolicator.requests.first?.map(\.address).sorted()
    #expect(asked == [0x1220, 0x2012, 0x2013, 0x2014])
    let isReturn = fixture.symbolicator.requests.first?.allSatisfy(\.isReturnAddress)
    #expect(isReturn == true)
  }

  @Test func generatedCodeHasTheNamesTheProgramGaveIt() throws {
    let fixture = Fixture()
    let stack = fixture.builder.stack([0x7000_0010])
    fixture.builder.codeNames("70000000 100 JS:~handle /app/server.js:17:9\n", at: 1)
    fixture.main.malloc(0x100, 1, stack: stack, at: 2)
    fixture.builder.end(at: 3)
    let report = try fixture.report()
    let frame = try #require(report.frames.frames(of: report.sites[0].stack).first { _ in true })
    #expect(frame.function?.contains("handle") == true)
    #expect(fixture.symbolicator.requests == [[]])
  }

  @Test func aSpanCountsWhatBeganInItAndIsThereAtItsEnd() throws {
    let fixture = Fixture()
    let stack = fixture.builder.stack([0x1110])
    fixture.main.malloc(0x100, 1, stack: stack, at: 10 * millisecond)
    fixture.main.malloc(0x200, 2, stack: stack, at: 20 * millisecond)
    fixture.main.malloc(0x300, 4, stack: stack, at: 30 * millisecond)
    fixture.main.free(0x300, at: 35 * millisecond)
    fixture.main.free(0x200, at: 45 * millisecond)
    fixture.main.malloc(0x400, 8, stack: stack, at: 50 * millisecond)
    fixture.builder.mark("begin", at: 15 * millisecond)
    fixture.builder.mark("end", at: 40 * millisecond)
    fixture.builder.mark("begin", at: 48 * millisecond)
    fixture.builder.end(at: 60 * millisecond)

    func outstanding(_ from: TimeBound?, _ to: TimeBound?) throws -> UInt64 {
      try fixture.report {
        $0.from = from
        $0.to = to
      }.heap.outstandingBytes
    }
    #expect(try outstanding(nil, nil) == 9)
    #expect(try outstanding(.mark("begin"), .mark("end")) == 2)
    #expect(try outstanding(.mark("begin"), nil) == 8)
    #expect(try outstanding(nil, .mark("end")) == 3)
    #expect(try outstanding(nil, .nanoseconds(32 * millisecond)) == 7)
    #expect(try outstanding(.nanoseconds(20 * millisecond), .nanoseconds(30 * millisecond)) == 6)
    #expect(try outstanding(.mark("begin"), .mark("begin")) == 0)
    let report = try fixture.report { $0.from = .mark("end") }
    #expect(report.isPartOfTrace)
    #expect(report.interval == 40 * millisecond...60 * millisecond)
    #expect(report.trace.unmatchedFreeCount == 0)
  }

  @Test func anUnknownMarkAndAnEmptySpanAreErrors() throws {
    let fixture = Fixture()
    fixture.builder.mark("known", at: 5)
    fixture.builder.end(at: 10)
    #expect(throws: AnalysisError.noSuchMark(name: "x", known: ["known"])) {
      try fixture.report { $0.from = .mark("x") }
    }
    #expect(throws: AnalysisError.emptyInterval(fromNanoseconds: 9, toNanoseconds: 5)) {
      try fixture.report {
        $0.from = .nanoseconds(9)
        $0.to = .mark("known")
      }
    }
  }

  @Test func aFilterMatchesFunctionFileOrImage() throws {
    let fixture = Fixture()
    fixture.builder.image("/app/program", start: 0x1000, end: 0x9000)
    fixture.symbolicator.name(0x1110, "alpha", "one.c", image: "/app/program")
    fixture.symbolicator.name(0x1120, "beta", "two.c", image: "/app/program")
    fixture.symbolicator.name(0x1130, "gamma", "three.c", image: "/lib/libother.so")
    for (index, address) in ([0x1110, 0x1120, 0x1130] as [UInt64]).enumerated() {
      let stack = fixture.builder.stack([address])
      fixture.main.malloc(0x100 * UInt64(index + 1), UInt64(index + 1), stack: stack, at: 1)
    }
    fixture.builder.end(at: 2)
    func bytes(_ filter: String) throws -> [UInt64] {
      let report = try fixture.report { $0.filter = filter }
      #expect(report.heap.outstandingBytes == 6)
      return report.sites.map(\.totals.outstandingBytes)
    }
    #expect(try bytes("alpha") == [1])
    #expect(try bytes("^two") == [2])
    #expect(try bytes("libother") == [3])
    #expect(try bytes("a$") == [3, 2, 1])
    #expect(try bytes("nothing") == [])
    let limited = try fixture.report {
      $0.filter = "a$"
      $0.limit = 1
    }
    #expect(limited.sites.count == 1)
    #expect(limited.selection.matching.siteCount == 3)
    #expect(limited.selection.matching.outstandingBytes == 6)
    #expect(throws: AnalysisError.self) { try fixture.report { $0.filter = "(" } }
  }

  @Test func sitesThatReadTheSameAreOneWherePeopleRead() throws {
    let fixture = Fixture()
    fixture.builder.image("/app/program", start: 0x1000, end: 0x9000)
    // Two calls on one line; a function without lines; a script compiled twice.
    fixture.symbolicator.name(0x1110, "leak", "leak.c", line: 7)
    fixture.symbolicator.name(0x1118, "leak", "leak.c", line: 7)
    fixture.symbolicator.name(0x1220, "stripped")
    fixture.symbolicator.name(0x1228, "stripped")
    fixture.builder.codeNames("70000000 100 JS:~handle /app/server.js:17:9\n", at: 1)
    fixture.builder.codeNames("70001000 100 JS:*handle /app/server.js:17:9\n", at: 1)
    let addresses: [UInt64] = [0x1110, 0x1118, 0x1220, 0x1228, 0x7000_0010, 0x7000_1020]
    for (index, address) in addresses.enumerated() {
      let stack = fixture.builder.stack([address])
      fixture.main.malloc(0x100 * UInt64(index + 1), 1 << UInt64(index), stack: stack, at: 1)
    }
    fixture.builder.end(at: 2)
    let apart = try fixture.report()
    #expect(apart.sites.map(\.totals.outstandingBytes) == [32, 16, 8, 4, 2, 1])
    let merged = try fixture.report {
      $0.mergesEqualNames = true
      $0.limit = 3
    }
    #expect(merged.sites.map(\.totals.outstandingBytes) == [48, 8, 4])
    #expect(merged.selection.matching.siteCount == 4)
    #expect(merged.selection.matching.outstandingBytes == 63)
    #expect(merged.selection.ownBytes == 63)
  }

  @Test func sitesComeInTheOrderAskedFor() throws {
    let fixture = Fixture()
    // Stack: outstanding bytes, outstanding blocks, freed bytes, freed blocks.
    let plan: [(UInt64, UInt64, UInt64, UInt64)] = [
      (500, 1, 0, 0), (30, 10, 0, 0), (0, 0, 2000, 1), (1, 1, 100, 50),
    ]
    var address: UInt64 = 0x1000
    var tick: UInt64 = 1
    func allocate(_ bytes: UInt64, _ stack: StackID, freeing: Bool) {
      fixture.main.malloc(address, bytes, stack: stack, at: tick)
      if freeing { fixture.main.free(address, at: tick + 1) }
      address += 0x1000
      tick += 2
    }
    for (index, row) in plan.enumerated() {
      let stack = fixture.builder.stack([0x100 + UInt64(index)])
      for _ in 0..<row.1 { allocate(row.0 / row.1, stack, freeing: false) }
      for _ in 0..<row.3 { allocate(row.2 / row.3, stack, freeing: true) }
    }
    fixture.builder.end(at: tick)
    func order(_ order: SiteOrder) throws -> [UInt64] {
      let report = try fixture.report { $0.order = order }
      return report.sites.map { report.frames[$0.stack.addresses[0]][0].address - 0x100 }
    }
    #expect(try order(.outstanding) == [0, 1, 3])
    #expect(try order(.count) == [1, 0, 3])
    #expect(try order(.total) == [2, 0, 3, 1])
    #expect(try order(.allocations) == [3, 1, 0, 2])
    #expect(try order(.peak) == [2, 0, 1, 3])
    #expect(try order(.temporary).first == 3)
  }

  @Test func anAddressMeansTheImageOfItsTime() throws {
    let fixture = Fixture()
    fixture.builder.image("/app/main", start: 0x1000, end: 0x2000)
    fixture.builder.image("/app/first.so", start: 0x5000, end: 0x6000)
    let main = fixture.builder.stack([0x1100])
    let old = fixture.builder.stack([0x5100])
    fixture.builder.image(
      "/app/first.so", start: 0x5000, end: 0x6000, epoch: 1, event: MT_IMAGE_UNLOADED)
    fixture.builder.image("/app/second.so", start: 0x5000, end: 0x6000, epoch: 1)
    let new = fixture.builder.stack([0x5100], epoch: 1)
    let mainAgain = fixture.builder.stack([0x1100], epoch: 1)
    fixture.main.malloc(0x10, 1, stack: old, at: 1)
    fixture.main.malloc(0x20, 2, stack: new, at: 2)
    fixture.main.malloc(0x30, 4, stack: main, at: 3)
    fixture.main.malloc(0x40, 8, stack: mainAgain, at: 4)
    fixture.builder.end(at: 5)
    let report = try fixture.report()
    let images = fixture.symbolicator.requests.first?.map { "\($0.image ?? -1):\($0.address)" }
    #expect(images?.count == 3)
    #expect(Set(images ?? []) == ["0:\(0x1100)", "1:\(0x5100)", "2:\(0x5100)"])
    // A stack that means the same in both epochs is one site.
    #expect(report.sites.map(\.totals.outstandingBytes) == [12, 2, 1])
    #expect(report.sites.first?.totals.outstandingCount == 2)
    #expect(report.selection.matching.siteCount == 3)
  }

  @Test func equalStacksWithTwoIDsAreOneSite() throws {
    let fixture = Fixture()
    let one = fixture.builder.stack([0x1110, 0x1220])
    let two = fixture.builder.stack([0x1110, 0x1220], isAnew: true)
    #expect(one != two)
    fixture.main.malloc(0x10, 1, stack: two, at: 1)
    fixture.main.malloc(0x20, 2, stack: one, at: 2)
    fixture.builder.end(at: 3)
    let report = try fixture.report()
    #expect(report.sites.map(\.totals.outstandingBytes) == [3])
  }

  @Test func largeAllocationsAndBurstsAreListedTogether() throws {
    let fixture = Fixture()
    let large = fixture.builder.stack([0x1110])
    let burst = fixture.builder.stack([0x1220])
    fixture.main.malloc(0x10, 20 << 20, stack: large, at: 5 * millisecond)
    for number: UInt64 in 0..<40 {
      fixture.main.malloc(
        0x1000 + number * 16, 1 << 20, stack: burst, at: (10 + number) * millisecond)
    }
    fixture.main.free(0x10, at: 100 * millisecond)
    fixture.builder.end(at: 200 * millisecond)
    let report = try fixture.report()
    #expect(report.largeAllocations.map(\.kind) == [.burst, .single])
    #expect(report.largeAllocations.map(\.byteCount) == [40 << 20, 20 << 20])
    #expect(report.largeAllocations.map(\.blockCount) == [40, 1])
    #expect(report.largeAllocations.map(\.nanoseconds) == [10 * millisecond, 5 * millisecond])
    #expect(report.largeAllocations[0].durationNanoseconds == 39 * millisecond)
    #expect(report.largeAllocations[1].freedNanoseconds == 100 * millisecond)
    let fewer = try fixture.report {
      $0.largeThreshold = 21 << 20
      $0.burstThreshold = 50 << 20
    }
    #expect(fewer.largeAllocations == [])
    let short = try fixture.report { $0.burstWindowNanoseconds = 8 * millisecond }
    #expect(short.burstCount == 0)
  }

  @Test func mappingsStandBesideTheHeap() throws {
    let fixture = Fixture()
    let stack = fixture.builder.stack([0x1110])
    fixture.main.mmap(0x10_0000, 0x4000, stack: stack, mapping: anonymousMemory, at: 1)
    fixture.main.munmap(0x10_1000, 0x1000, at: 2)
    fixture.main.malloc(0x10, 5, stack: stack, at: 3)
    fixture.builder.end(at: 4)
    let report = try fixture.report()
    #expect(report.heap.outstandingBytes == 5)
    #expect(report.heap.eventCount == 3)
    #expect(report.mappings.totals.outstandingBytes == 0x3000)
    #expect(report.mappings.totals.anonymousBytes == 0x3000)
    #expect(report.mappings.sites.map(\.totals.outstandingCount) == [2])
    #expect(report.mappings.siteCount == 1)
  }

  @Test func howARecordingEndedDecidesWhetherItIsComplete() throws {
    for (state, errno, expected, complete): (mt_state, Int32, TraceSummary.State, Bool) in [
      (MT_STATE_EXITED, 0, .exited, true), (MT_STATE_EXECUTED, 0, .executed, true),
      (MT_STATE_STOPPED, 28, .stopped(errno: 28), false), (MT_STATE_RECORDING, 0, .killed, false),
    ] {
      let fixture = Fixture(pid: 4_000_000)
      fixture.main.malloc(0x10, 5, stack: fixture.builder.stack([1]), at: 3)
      fixture.builder.end(at: 4, state: state, errno: errno)
      let report = try fixture.report()
      #expect(report.trace.state == expected)
      #expect(report.trace.isComplete == complete)
      #expect(report.warnings.isEmpty == (state == MT_STATE_EXITED))
    }
  }

  @Test func lostEventsAndDamageMakeATraceIncompleteAndExplainFrees() throws {
    let lossy = Fixture()
    lossy.main.free(0x10, at: 1)
    lossy.builder.lose(events: 3, truncatedStacks: 2)
    lossy.builder.end(at: 2)
    let report = try lossy.report()
    #expect(!report.trace.isComplete)
    #expect(report.trace.lostEventCount == 3)
    #expect(report.trace.unmatchedFreeCount == 0)
    #expect(report.trace.unrecordedFreeCount == 1)
    #expect(report.warnings.contains(.lostEvents(3)))
    #expect(report.warnings.contains(.truncatedStacks(2)))

    let damaged = Fixture()
    damaged.main.malloc(0x10, 5, stack: damaged.builder.stack([1]), at: 1)
    damaged.main.seal()
    damaged.main.free(0x20, at: 2)
    damaged.main.seal()
    damaged.builder.end(at: 2)
    let chunk = try #require(damaged.builder.chunks(MT_CHUNK_EVENTS).first)
    damaged.builder.flip(at: chunk.offset + 60)
    let second = try damaged.report()
    #expect(!second.trace.isComplete)
    #expect(second.trace.unrecordedFreeCount == 1)
    #expect(second.warnings.contains { if case .damage = $0 { true } else { false } })
  }

  @Test func aFreeOfNothingIsUnmatchedInASoundTrace() throws {
    let fixture = Fixture()
    fixture.main.free(0x10, at: 1)
    fixture.builder.end(at: 2)
    let report = try fixture.report()
    #expect(report.trace.unmatchedFreeCount == 1)
    #expect(report.warnings.contains(.unmatchedFrees(1)))
  }

  @Test func aForkedChildFreesWhatItInherited() throws {
    let builder = TraceBuilder(writesProcess: false)
    builder.process(executable: "/bin/p", command: ["p"], parentTrace: "/tmp/trace.bin")
    let main = builder.window(thread: 1)
    main.free(0x10, at: 1)
    main.malloc(0x20, 7, stack: builder.stack([1]), at: 2)
    builder.end(at: 3)
    var symbolicator = FakeSymbolicator()
    let trace = try TemporaryTrace(builder)
    let report = try Analyzer.report(
      on: trace.open(), options: AnalysisOptions(), using: &symbolicator)
    #expect(report.trace.inheritedFreeCount == 1)
    #expect(report.trace.unmatchedFreeCount == 0)
    #expect(report.heap.outstandingBytes == 7)
    #expect(report.warnings == [.forkedChild(parentTrace: "/tmp/trace.bin")])
  }

  @Test func aPauseExplainsWhatIsFreedAfterIt() throws {
    let fixture = Fixture()
    fixture.builder.mark("", at: 10 * millisecond, kind: MT_MARK_PAUSE)
    fixture.builder.mark("", at: 12 * millisecond, kind: MT_MARK_RESUME)
    fixture.builder.mark("", at: 20 * millisecond, kind: MT_MARK_PAUSE)
    fixture.main.free(0x10, at: 5 * millisecond)
    fixture.main.free(0x20, at: 11 * millisecond)
    fixture.builder.end(at: 25 * millisecond)
    let report = try fixture.report()
    #expect(report.trace.unmatchedFreeCount == 1)
    #expect(report.trace.unrecordedFreeCount == 1)
    #expect(report.warnings.contains(.paused(spanCount: 2, nanoseconds: 7 * millisecond)))
    #expect(report.marks.map(\.kind) == [.pause, .resume, .pause])
  }

  @Test func foldedAndUnfoldedTracesSayTheSame() throws {
    var random = SplitMix64(seed: 5)
    var events: [TraceEvent] = []
    var live: [UInt64] = []
    let folding = Fixture()
    let plain = Fixture()
    let stacks = (0..<6).map { number in
      _ = plain.builder.stack([0x1000 + UInt64(number), 0x99])
      return folding.builder.stack([0x1000 + UInt64(number), 0x99])
    }
    for tick: UInt64 in 1...20_000 {
      if live.count > 3, Int.random(in: 0..<100, using: &random) < 49 {
        let place = Int.random(in: max(0, live.count - 5)..<live.count, using: &random)
        events.append(free(live.remove(at: place), at: tick))
      } else {
        let address = tick * 16
        live.append(address)
        let stack = stacks.randomElement(using: &random)!
        events.append(
          malloc(address, .random(in: 1...500, using: &random), stack: stack.rawValue, at: tick))
      }
    }
    for (index, event) in events.enumerated() {
      folding.main.append(event)
      plain.main.append(event)
      if index % 300 == 299 {
        folding.main.seal(folding: true)
        plain.main.seal()
      }
    }
    for fixture in [folding, plain] { fixture.builder.end(at: 20_001) }
    var one = try folding.report { $0.order = .total }
    let two = try plain.report { $0.order = .total }
    #expect(folding.builder.bytes.count < plain.builder.bytes.count)
    #expect(one.heap.peakNanoseconds == two.heap.peakNanoseconds)
    #expect(one.heap == two.heap)
    // What is folded away is known by its window, and is in no site's peak.
    for index in one.sites.indices {
      one.sites[index].totals.peakBytes = two.sites[index].totals.peakBytes
      one.sites[index].totals.firstTicks = two.sites[index].totals.firstTicks
      one.sites[index].totals.lastTicks = two.sites[index].totals.lastTicks
      one.sites[index].firstNanoseconds = two.sites[index].firstNanoseconds
      one.sites[index].lastNanoseconds = two.sites[index].lastNanoseconds
    }
    #expect(one.sites.map(\.totals) == two.sites.map(\.totals))
  }

  @Test func changedBytesNeverStopAnAnalysis() throws {
    let fixture = Fixture()
    fixture.builder.image("/app/program", start: 0x1000, end: 0x9000)
    let stacks = (0..<20).map { fixture.builder.stack([0x1100 + $0, 0x1220, 0x1330]) }
    for number: UInt64 in 1...400 {
      let stack = stacks[Int(number) % 20]
      fixture.main.malloc(number * 0x100, number * 7, stack: stack, at: number * millisecond)
      if number % 3 == 0 { fixture.main.free(number * 0x100, at: number * millisecond + 5) }
      if number % 50 == 0 {
        fixture.main.mmap(number << 20, 0x4000, stack: stack, at: number * millisecond + 9)
      }
      if number % 100 == 0 { fixture.main.seal(folding: number % 200 == 0) }
    }
    fixture.builder.mark("mark", at: 20)
    fixture.builder.sample(at: 50, [.rssBytes: 5])
    fixture.builder.codeNames("70000000 100 JS:~handle /app/server.js:17:9\n", at: 1)
    fixture.builder.end(at: 500 * millisecond)
    let sound = fixture.builder.bytes
    let occupied = sound.indices.filter { sound[$0] != 0 }
    var random = SplitMix64(seed: 99)
    for _ in 0..<400 {
      var bytes = sound
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place =
          Bool.random(using: &random)
          ? occupied.randomElement(using: &random)! : .random(in: 0..<4096, using: &random)
        bytes[place] = .random(in: .min ... .max, using: &random)
      }
      if Int.random(in: 0..<5, using: &random) == 0 {
        bytes.removeLast(.random(in: 0..<bytes.count, using: &random))
      }
      let file = try TemporaryTrace(bytes: bytes)
      var symbolicator = FakeSymbolicator()
      guard let trace = try? file.open() else { continue }
      let report = try Analyzer.report(
        on: trace, options: AnalysisOptions(), using: &symbolicator)
      #expect(!JSONRenderer().string(report).isEmpty)
      #expect(!TextRenderer().string(report).isEmpty)
    }
  }
}
