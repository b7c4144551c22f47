// SPDX-License-Identifier: Apache-2.0
//
// Which warnings a trace gives cause for, the gravest first.

import Symbolication
import TraceFile

extension ReportWarning {
  /// A file may be damaged in any number of places; a reader needs a few.
  private static let listLimit = 12

  static func list(
    _ trace: TraceFile, _ replay: borrowing Replay, _ summary: TraceSummary
  ) -> [ReportWarning] {
    var list: [ReportWarning] = []
    switch summary.state {
    case .running: list.append(.stillRunning(pid: summary.pid))
    case .killed:
      if let death = Death(trace), death.shortage != nil { list.append(.outOfMemory(death)) }
      list.append(.killed)
    case .stopped(let errno): list.append(.stopped(errno: errno))
    case .executed: list.append(.executed)
    case .exited: break
    }
    func warn(_ count: UInt64, _ make: (UInt64) -> ReportWarning) {
      if count > 0 { list.append(make(count)) }
    }
    warn(summary.lostEventCount, ReportWarning.lostEvents)
    let damage = trace.damage + replay.statistics.damage
    list += damage.prefix(listLimit).map(ReportWarning.damage)
    if damage.count > listLimit { list.append(.moreDamage(count: damage.count - listLimit)) }
    warn(summary.truncatedStackCount, ReportWarning.truncatedStacks)
    warn(summary.unmatchedFreeCount, ReportWarning.unmatchedFrees)
    warn(summary.unrecordedFreeCount, ReportWarning.unrecordedFrees)
    warn(summary.reusedAddressCount, ReportWarning.reusedAddresses)
    if let paused = paused(in: trace) { list.append(paused) }
    if let parent = summary.parentTracePath { list.append(.forkedChild(parentTrace: parent)) }
    if replay.meanings.isIncomplete { list.append(.lastCodeNamesOnly) }
    let totals = replay.heap.totals
    if totals.eventCount == 0 { list.append(.noAllocations) }
    return list
  }

  static func limited(_ warnings: [SymbolicationWarning]) -> [ReportWarning] {
    let listed = warnings.prefix(listLimit).map(ReportWarning.symbolication)
    guard warnings.count > listLimit else { return listed }
    return listed + [.moreSymbolication(count: warnings.count - listLimit)]
  }

  /// How often and how long recording was paused.
  private static func paused(in trace: TraceFile) -> ReportWarning? {
    var count = 0
    var nanoseconds: UInt64 = 0
    var since: Ticks?
    func end(at ticks: Ticks) {
      guard let start = since else { return }
      count += 1
      nanoseconds &+= trace.clock.nanoseconds(at: ticks) &- trace.clock.nanoseconds(at: start)
      since = nil
    }
    for mark in trace.marks {
      switch mark.kind {
      case .pause: since = since ?? mark.ticks
      case .resume: end(at: mark.ticks)
      case .named, .snapshot: break
      }
    }
    end(at: max(trace.endTicks, since ?? Ticks(0)))
    return count == 0 ? nil : .paused(spanCount: count, nanoseconds: nanoseconds)
  }
}
