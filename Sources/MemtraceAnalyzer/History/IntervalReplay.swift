// SPDX-License-Identifier: Apache-2.0
//
// Reads one interval of a history again, and those chunks of the file alone that have events in
// it: what was allocated and freed in it before and behind its peak.

import TraceFile

/// One interval, divided at an instant a little behind its peak.
struct IntervalReplay {
  /// A block of the interval.
  struct Block {
    let stack: StackID
    let byteCount: UInt64
  }

  /// What blocks of the interval held at the peak itself, by stack.
  private(set) var atPeak: [StackID: SiteAmount] = [:]
  /// The books of its blocks at the instant, by stack.
  private(set) var before: [StackID: SiteTotals] = [:]
  /// The same at its end.
  private(set) var whole: [StackID: SiteTotals] = [:]
  /// All of them at the instant.
  private(set) var totalsBefore = HeapTotals()
  /// Temporary blocks that began before the instant and ended behind it, by stack.
  private(set) var divided: [StackID: UInt64] = [:]
  /// Blocks that began behind the instant and were there at the end.
  private(set) var laterBlocks: [Address: Block] = [:]
  /// How many of the ends of older blocks were before the peak, and before the instant.
  private(set) var endsAtPeak = 0
  private(set) var endsBefore = 0
  /// The most that was outstanding behind the instant.
  private(set) var laterPeak: (byteCount: UInt64, ticks: Ticks) = (0, Ticks(0))

  /// - Parameters:
  ///   - trace: to read.
  ///   - span: first and last instant of the interval.
  ///   - peak: what is known of it.
  ///   - instant: where to divide it, at the peak or behind it.
  ///   - olderBytes: what was outstanding when it began.
  ///   - meanings: those of the stacks.
  /// - Throws: what reading the events throws.
  init(
    of trace: TraceFile, _ span: ClosedRange<Ticks>, _ peak: PeakInterval, at instant: Ticks,
    olderBytes: UInt64, meanings: StackMeanings
  ) throws {
    var meanings = meanings
    var state = State(
      heap: HeapLedger(
        start: span.lowerBound, last: span.upperBound, stackCount: trace.stacks.idLimit,
        canonical: meanings.canonical),
      olderBytes: olderBytes)
    _ = try trace.forEachRun(from: span.lowerBound, through: span.upperBound) { run in
      meanings.tellApart(run) { events in
        for index in events.indices where span.contains(events[index].ticks) {
          let ticks = events[index].ticks
          if ticks > peak.ticks { reachPeak(&state) }
          if ticks > instant { reachInstant(&state, at: instant) }
          enter(events[index], &state, peak.lateEnds)
        }
      }
    }
    reachPeak(&state)
    reachInstant(&state, at: instant)
    finish(&state)
  }

  private struct State: ~Copyable {
    var heap: HeapLedger
    /// What older blocks hold.
    var olderBytes: UInt64
    var nextEnd = 0
    var isPeakPassed = false
    var isInstantPassed = false
  }

  private mutating func enter(
    _ event: borrowing TraceEvent, _ state: inout State, _ lateEnds: [LateEnd]
  ) {
    if state.nextEnd < lateEnds.count, case let end = lateEnds[state.nextEnd],
      end.address == event.address, end.ticks == event.ticks
    {
      state.olderBytes &-= end.byteCount
      state.nextEnd += 1
    }
    state.heap.apply(event)
    guard state.isInstantPassed else { return }
    var byteCount = state.heap.totals.outstandingBytes &+ state.olderBytes
    if event.kind == .foldedPeak { byteCount &+= event.byteCount }
    if byteCount > laterPeak.byteCount { laterPeak = (byteCount, event.ticks) }
  }

  private mutating func reachPeak(_ state: inout State) {
    guard !state.isPeakPassed else { return }
    state.isPeakPassed = true
    endsAtPeak = state.nextEnd
    state.heap.forEachUsedSite { totals in
      atPeak[totals.stack] = SiteAmount(
        byteCount: totals.outstandingBytes, count: totals.outstandingCount)
    }
  }

  private mutating func reachInstant(_ state: inout State, at instant: Ticks) {
    guard !state.isInstantPassed else { return }
    state.isInstantPassed = true
    endsBefore = state.nextEnd
    totalsBefore = state.heap.totals
    laterPeak = (totalsBefore.outstandingBytes &+ state.olderBytes, instant)
    state.heap.forEachUsedSite { before[$0.stack] = $0 }
    state.heap.nextCohort()
  }

  private mutating func finish(_ state: inout State) {
    for end in state.heap.takeLateEnds() where end.isTemporary {
      divided[state.heap.stack(of: end.site), default: 0] &+= 1
    }
    state.heap.forEachUsedSite { whole[$0.stack] = $0 }
    state.heap.forEachOutstanding { address, block in
      guard block.cohort == 1 else { return }
      laterBlocks[address] = Block(
        stack: state.heap.stack(of: block.site), byteCount: block.byteCount)
    }
  }
}
