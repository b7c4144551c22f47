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
  /// Whether all that the program did is there nevertheless.
  ///
  /// A kill leaves an unwritten chunk; what was to be written there is still in its window. And a clock
  /// that jumped misplaces events, but loses none.
  var isHarmless: Bool {
    switch self {
    case .unwrittenChunk, .unusableClock: true
    default: false
    }
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

extension Site {
  init(_ totals: SiteTotals, clock: TraceClock, resolver: StackResolver) {
    self.init(
      totals: totals, firstNanoseconds: clock.nanoseconds(at: totals.firstTicks),
      lastNanoseconds: clock.nanoseconds(at: totals.lastTicks),
      stack: resolver.reportStack(totals.stack))
  }
}

extension MappingSummary {
  init(_ ledger: MappingLedger, _ findings: Findings, limit: Int?, resolver: StackResolver) {
    self.init()
    totals = ledger.totals
    siteCount = UInt64(ledger.outstandingSiteCount)
    sites = findings.mappings.prefix(limit ?? .max).map {
      Site(totals: $0.totals, stack: resolver.reportStack($0.stack))
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
