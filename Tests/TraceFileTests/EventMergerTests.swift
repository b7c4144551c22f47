// SPDX-License-Identifier: Apache-2.0

import CTraceFormat
import MemtraceTestSupport
import Testing

@testable import TraceFile

@Suite struct EventMergerTests {
  @Test func threadsAreMergedByTime() throws {
    let trace = TraceBuilder()
    let first = trace.window(thread: 1)
    let second = trace.window(thread: 2)
    first.malloc(0x10, 1, at: 10)
    first.malloc(0x20, 1, at: 40)
    second.malloc(0x30, 1, at: 20)
    second.seal()
    second.malloc(0x40, 1, at: 30)
    trace.end(at: 50)
    let events = try TemporaryTrace(trace).open().allEvents()
    #expect(events.map(\.address.rawValue) == [0x10, 0x30, 0x40, 0x20])
  }

  @Test func atEqualTimesWhatEndsGoesFirstThenTheLowerWindow() throws {
    let trace = TraceBuilder()
    let windows = (1...4).map { trace.window(thread: $0) }
    windows[0].malloc(0xa, 1, at: 5)
    windows[1].malloc(0xb, 1, at: 5)
    windows[2].munmap(0xc, 1, at: 5)
    windows[3].free(0xd, at: 5)
    trace.end(at: 6)
    let events = try TemporaryTrace(trace).open().allEvents()
    #expect(events.map(\.address.rawValue) == [0xc, 0xd, 0xa, 0xb])
  }

  @Test func atEqualTimesTheOrderWithinAThreadIsKept() throws {
    let trace = TraceBuilder()
    let first = trace.window(thread: 1)
    let second = trace.window(thread: 2)
    first.malloc(0xa, 1, at: 5)
    first.free(0xa, at: 5)
    second.free(0xb, at: 5)
    first.malloc(0xa, 1, at: 5)
    first.seal()
    trace.end(at: 6)
    let events = try TemporaryTrace(trace).open().allEvents()
    #expect(events.map(\.address.rawValue) == [0xb, 0xa, 0xa, 0xa])
    #expect(events.map(\.kind) == [.freed, .allocated, .freed, .allocated])
  }

  @Test func aReallocsFirstHalfWrittenLateGoesToItsPlace() throws {
    let trace = TraceBuilder()
    let window = trace.window(thread: 1)
    window.malloc(0x10, 1, at: 10)
    // Stamped at 20, but written behind what happened inside realloc.
    window.mmap(0x1000, 4096, at: 25)
    window.free(0x10, at: 20, function: .reallocFree)
    window.malloc(0x20, 2, at: 30, function: .realloc)
    let live = try TemporaryTrace(trace).open().allEvents()
    #expect(live.map(\.ticks.rawValue) == [10, 20, 25, 30])
    window.seal()
    let sealed = try TemporaryTrace(trace).open().allEvents()
    #expect(sealed == live)
  }

  @Test func anEventWrittenLateGoesToItsPlaceBeforeTheSeal() throws {
    let trace = TraceBuilder()
    let window = trace.window(thread: 1)
    window.malloc(0x10, 1, at: 10)
    window.mmap(0x1000, 4096, at: 25)
    window.seal()
    window.free(0x10, at: 20, function: .reallocFree)
    window.malloc(0x20, 2, at: 30, function: .realloc)
    trace.end(at: 40)
    let events = try TemporaryTrace(trace).open().allEvents()
    #expect(events.map(\.ticks.rawValue) == [10, 20, 25, 30])
  }

  @Test func anEventWrittenLateGoesToItsPlaceOverTheEndOfABatch() throws {
    let trace = TraceBuilder(windowByteCount: 2 << 20)
    let window = trace.window(thread: 1)
    // Wherever batches end, an event behind the end belongs before it.
    let count = UInt64(3 * EventBuffer.capacity)
    for ticks in stride(from: 1, to: count, by: 3) as StrideTo<UInt64> {
      for late in [2, 1, 0] as [UInt64] { window.malloc(0x10 + ticks, 1, at: ticks + late) }
    }
    for isSealed in [false, true] {
      if isSealed { window.seal() }
      let ticks = try TemporaryTrace(trace).open().allEvents().map(\.ticks.rawValue)
      #expect(ticks == Array(1...count))
    }
  }

  /// Threads of every pace, seals at any moment, events a little late, equal times, folds.
  @Test(arguments: 1...12)
  func theOrderIsThatOfASortOfAllEvents(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let trace = TraceBuilder(windowByteCount: 256 << 10)
    let windows = (1...Int(seed)).map { trace.window(thread: UInt32($0)) }
    var written: [(event: TraceEvent, window: Int)] = []
    var ticks: UInt64 = 100
    for _ in 0..<8000 {
      ticks += generator.next() % 3
      let window = Int(RandomEvents.skewed(below: UInt64(windows.count), &generator))
      let isLate = generator.next() % 50 == 0
      let event = RandomEvents.event(
        at: isLate ? ticks - generator.next() % 20 : ticks, stacks: [StackID(0)], &generator)
      written.append((windows[window].append(event), window))
      if generator.next() % 700 == 0 { windows[window].seal() }
    }
    trace.end(at: ticks)

    // Each thread's events by time; those of all threads by time, kind and window.
    var expected: [TraceEvent] = []
    var streams = windows.indices.map { index in
      written.filter { $0.window == index }.map(\.event)
        .sorted { $0.ticks < $1.ticks }[...]
    }
    func key(_ event: TraceEvent, _ window: Int) -> (UInt64, Int, Int) {
      (event.ticks.rawValue, event.kind == .freed || event.kind == .unmapped ? 0 : 1, window)
    }
    while let next = streams.indices.filter({ !streams[$0].isEmpty })
      .min(by: { key(streams[$0].first!, $0) < key(streams[$1].first!, $1) })
    {
      expected.append(streams[next].removeFirst())
    }
    let file = try TemporaryTrace(trace).open()
    for workerCount in 0...3 {
      var events: [TraceEvent] = []
      let statistics = try file.forEachRun(workerCount: workerCount) { events += $0 }
      #expect(events == expected, "\(workerCount) workers")
      #expect(statistics.eventCount == UInt64(expected.count))
      #expect(statistics.damage.isEmpty)
    }
  }

  @Test func whatIsLaterThanAskedForIsVerifiedAndNotDecoded() throws {
    let trace = TraceBuilder(windowByteCount: 4096)
    let windows = (1...3).map { trace.window(thread: $0) }
    for ticks in 0..<6000 as Range<UInt64> {
      windows[Int(ticks % 3)].malloc(ticks * 16, 1, at: ticks)
    }
    trace.end(at: 6000)
    let sound = try TemporaryTrace(trace).open()
    let all = try sound.allEvents()
    let last = trace.chunks(MT_CHUNK_EVENTS)[trace.chunks(MT_CHUNK_EVENTS).count - 1]
    trace.flip(at: last.offset + 200)
    let damaged = try TemporaryTrace(trace).open()
    // The end of the recording is told by sound chunks only, so the damage is known by now.
    #expect(damaged.damage.contains(.wrongChecksum(byteOffset: UInt64(last.offset), kind: 16)))
    for end in [0, 1, 17, 2500, 5990, 9000] as [UInt64] {
      for workerCount in 0...2 {
        var events: [TraceEvent] = []
        _ = try sound.forEachRun(through: Ticks(end), workerCount: workerCount) { events += $0 }
        let wanted = all.filter { $0.ticks.rawValue <= end }
        #expect(events.filter { $0.ticks.rawValue <= end } == wanted)
        // At most what a window of each thread holds beyond.
        #expect(events.count <= wanted.count + 3 * 4096 / 24)
      }
    }
  }

  @Test func damageBehindTheEndAskedForIsFound() throws {
    let trace = TraceBuilder(windowByteCount: 4096)
    let first = trace.window(thread: 1)
    let second = trace.window(thread: 2)
    for ticks in 0..<1000 as Range<UInt64> { first.malloc(ticks * 16, 1, at: ticks) }
    let middle = trace.chunks(MT_CHUNK_EVENTS)[3]
    // Later than that chunk, so that it is not looked at when the trace is opened.
    second.malloc(0x10, 1, at: 5000)
    second.seal()
    trace.flip(at: middle.offset + 200)
    trace.end(at: 5000)
    let file = try TemporaryTrace(trace).open()
    #expect(file.damage.isEmpty)
    for workerCount in 0...2 {
      let statistics = try file.forEachRun(through: Ticks(5), workerCount: workerCount) { _ in }
      #expect(
        statistics.damage == [.wrongChecksum(byteOffset: UInt64(middle.offset), kind: 16)])
      // A span of the beginning needs no more than that read.
      let beginning = try file.forEachRun(
        from: Ticks(0), through: Ticks(5), workerCount: workerCount
      ) { _ in }
      #expect(beginning.damage.isEmpty && beginning.eventCount > 5)
    }
  }

  @Test func memoryIsHeldForThreadsThatAreBusyTogetherOnly() throws {
    let trace = TraceBuilder(windowByteCount: 4096)
    var ticks: UInt64 = 0
    for thread in 1...200 as ClosedRange<UInt32> {
      let window = trace.window(thread: thread)
      for _ in 0..<100 {
        ticks += 1
        window.malloc(ticks * 16, 1, at: ticks)
      }
      window.seal()
    }
    trace.end(at: ticks)
    let file = try TemporaryTrace(trace).open()
    for workerCount in 0...3 {
      var options = DecodingContext.Options()
      options.workerCount = workerCount
      let context = DecodingContext(
        file.histories, of: file.file, file.stacks, cutTicks: nil, options)
      var count = 0
      EventMerger(file.histories, context).forEachRun { count += $0.count }
      context.finish()
      #expect(count == 20_000)
      // One that is merged, those that lie ready, and one for each thread that decodes.
      #expect(context.readAhead.bufferCount <= 1 + 2 * workerCount + 2 + workerCount)
    }
  }

  @Test func progressGoesFromNothingToOne() throws {
    let trace = TraceBuilder(windowByteCount: 4096)
    let window = trace.window(thread: 1)
    for ticks in 0..<20_000 as Range<UInt64> { window.malloc(ticks * 16, 1, at: ticks) }
    trace.end(at: 20_000)
    var reports: [Double] = []
    let file = try TemporaryTrace(trace).open()
    _ = try file.forEachEvent(progress: { reports.append($0) }) { _ in }
    #expect(reports.count > 20)
    #expect(reports == reports.sorted())
    #expect(reports.last == 1)
  }

  @Test func anErrorOfTheCallerEndsThePass() throws {
    struct Enough: Error {}
    let trace = TraceBuilder()
    let window = trace.window(thread: 1)
    for ticks in 0..<200 as Range<UInt64> {
      window.malloc(0x10, 1, at: ticks)
      if ticks % 5 == 0 { window.seal() }
    }
    trace.end(at: 200)
    let file = try TemporaryTrace(trace).open()
    for workerCount in 0...3 {
      for last in [0, 1, 90, 199] {
        var count = 0
        #expect(throws: Enough.self) {
          try file.forEachRun(workerCount: workerCount) { run in
            count += run.count
            if count > last { throw Enough() }
          }
        }
      }
    }
  }

  @Test func eventsCanBeReadAgainAndAgain() throws {
    let trace = TraceBuilder()
    let window = trace.window(thread: 1)
    window.malloc(0x10, 1, at: 1)
    window.seal()
    window.free(0x10, at: 2)
    let file = try TemporaryTrace(trace).open()
    #expect(try file.allEvents() == file.allEvents())
  }
}
