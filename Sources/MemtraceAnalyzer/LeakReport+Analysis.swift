// SPDX-License-Identifier: Apache-2.0
//
// How the parts of a report are made of a trace and its replay.

import Symbolication
import TraceFile

extension GeneratedCodeHistory {
  /// Names of code that the program generated, each from its time on.
  init(_ names: [CodeName]) {
    self.init(
      names.map {
        Entry(
          start: $0.start.rawValue, byteCount: $0.byteCount, name: $0.name,
          time: $0.ticks.rawValue)
      })
  }
}

extension TraceSummary {
  init(_ trace: TraceFile, _ replay: borrowing Replay) {
    self.init(path: trace.path.string)
    let process = trace.process
    fileByteCount = trace.fileByteCount
    pid = process.pid
    parentPID = process.parentPID
    executable = process.executable
    command = process.command
    directory = process.directory
    startRealtimeNanoseconds = trace.clock.startRealtimeNanoseconds
    durationNanoseconds = trace.clock.nanoseconds(at: trace.endTicks)
    state = State(trace)
    threadCount = UInt64(trace.threads.count)
    parentTracePath = process.parentTracePath
    lostEventCount = trace.lostEventCount
    truncatedStackCount = trace.truncatedStackCount
    reusedAddressCount = replay.heap.totals.reusedAddressCount
    let damage = trace.damage + replay.statistics.damage
    isDamaged = damage.contains { !$0.isHarmless }
    explainFrees(replay.heap.totals, mayMissEvents: damage.contains { $0.mayLoseEvents })
  }

  /// Why blocks were freed that are not known to have begun.
  private mutating func explainFrees(_ totals: HeapTotals, mayMissEvents: Bool) {
    let count = totals.unknownFreeCount &+ totals.unknownFreeCountAfterPause
    if parentTracePath != nil {
      inheritedFreeCount = count
    } else if mayMissEvents || lostEventCount > 0 {
      unrecordedFreeCount = count
    } else {
      unmatchedFreeCount = totals.unknownFreeCount
      unrecordedFreeCount = totals.unknownFreeCountAfterPause
    }
  }
}

extension TraceSummary.State {
  init(_ trace: TraceFile) {
    switch trace.state {
    case .recording: self = trace.isStillRunning ? .running : .killed
    case .stopped(let errno): self = .stopped(errno: errno)
    case .exited: self = .exited
    case .executed: self = .executed
    }
  }
}

extension TraceDamage {
  /// A kill leaves such a hole; what was to be written there is still in its window.
  var isHarmless: Bool {
    if case .unwrittenChunk = self { true } else { false }
  }
}

extension HeapSummary {
  init(_ trace: TraceFile, _ replay: borrowing Replay, _ interval: Interval) {
    self.init()
    let totals = replay.heap.totals
    allocationCount = totals.allocationCount
    allocatedBytes = totals.allocatedBytes
    freeCount = totals.freeCount
    outstandingCount = totals.outstandingCount
    outstandingBytes = totals.outstandingBytes
    peakBytes = totals.peakBytes
    peakNanoseconds = trace.clock.nanoseconds(at: totals.peakTicks)
    temporaryCount = totals.temporaryCount
    eventCount = totals.eventCount &+ replay.mappingEventCount

    let samples = trace.samples.filter { interval.start <= $0.ticks && $0.ticks <= interval.end }
    let resident = samples.compactMap { $0[.rssBytes] }
    // The kernel's own high-water mark knows no interval, and begins with what the process was
    // before its exec: it tells something once it has risen.
    let marks = interval.isPart ? [] : samples.compactMap { $0[.peakRSSBytes] }
    let risen = marks.max().flatMap { $0 > marks[0] ? $0 : nil }
    peakRSSBytes = (resident + [risen].compactMap { $0 }).max()
    endRSSBytes = resident.last
  }
}

extension LargeAllocation {
  /// Single large allocations and bursts, the largest first.
  static func list(
    _ heap: borrowing HeapLedger, limit: Int?, clock: TraceClock, resolver: inout StackResolver
  ) -> [LargeAllocation] {
    var list: [LargeAllocation] = []
    for entry in heap.largeAllocations().largest() {
      list.append(
        LargeAllocation(
          kind: .single, nanoseconds: clock.nanoseconds(at: entry.ticks),
          byteCount: entry.byteCount,
          freedNanoseconds: entry.endTicks.map(clock.nanoseconds),
          stack: resolver.resolve(entry.stack)))
    }
    for burst in heap.burstLog().largest() {
      let start = clock.nanoseconds(at: burst.ticks)
      list.append(
        LargeAllocation(
          kind: .burst, nanoseconds: start,
          durationNanoseconds: clock.nanoseconds(at: burst.endTicks) &- start,
          byteCount: burst.byteCount, blockCount: burst.blockCount,
          stack: resolver.resolve(burst.stack)))
    }
    list.sort {
      $0.byteCount != $1.byteCount
        ? $0.byteCount > $1.byteCount : $0.nanoseconds < $1.nanoseconds
    }
    return Array(list.prefix(limit ?? .max))
  }
}

extension MappingSummary {
  init(_ ledger: MappingLedger, limit: Int?, resolver: inout StackResolver) {
    self.init()
    totals = ledger.totals
    let outstanding = ledger.outstandingSites()
    siteCount = UInt64(outstanding.count)
    sites = outstanding.prefix(limit ?? .max).map {
      Site(totals: $0.totals, stack: resolver.resolve($0.stack))
    }
  }
}

extension MarkSummary {
  init(_ mark: Mark, clock: TraceClock) {
    let kind: Kind =
      switch mark.kind {
      case .named: .mark
      case .snapshot: .snapshot
      case .pause: .pause
      case .resume: .resume
      }
    self.init(name: mark.name, kind: kind, nanoseconds: clock.nanoseconds(at: mark.ticks))
  }
}
