// SPDX-License-Identifier: Apache-2.0
//
// What a reader of a report must know to judge it. Facts here, worded once, below.

import Symbolication
import SystemPackage
import TraceFile

/// Why a report may say less, or mean something else, than it seems to.
package enum ReportWarning: Hashable, Sendable {
  case stillRunning(pid: Int32)
  case killed
  case stopped(errno: Int32)
  case executed
  case lostEvents(UInt64)
  case damage(TraceDamage)
  case moreDamage(count: Int)
  case truncatedStacks(UInt64)
  case unmatchedFrees(UInt64)
  case unrecordedFrees(UInt64)
  case reusedAddresses(UInt64)
  case paused(spanCount: Int, nanoseconds: UInt64)
  case forkedChild(parentTrace: String)
  case symbolication(SymbolicationWarning)
  case moreSymbolication(count: Int)
  case noAllocations

  /// Whether it changes what the totals mean.
  package var isGrave: Bool {
    switch self {
    case .killed, .stopped, .lostEvents, .damage, .moreDamage, .unmatchedFrees, .paused,
      .noAllocations:
      true
    case .stillRunning, .executed, .truncatedStacks, .unrecordedFrees, .reusedAddresses,
      .forkedChild, .symbolication, .moreSymbolication:
      false
    }
  }
}

extension ReportWarning: CustomStringConvertible {
  package var description: String {
    switch self {
    case .stillRunning(let pid):
      "process \(pid) is still running: this is the state at the last event read"
    case .killed:
      "the process ended without exiting (killed or crashed): what it would have freed on exit counts as outstanding"
    case .stopped(let errno):
      """
      recording stopped before the program ended (\(Errno(rawValue: errno).description)): \
      what came after is missing
      """
    case .executed:
      "the process replaced itself by another program, which writes a trace of its own"
    case .lostEvents(let count):
      "\(count) events could not be recorded: the counts are too low or blocks wrongly look outstanding"
    case .damage(let damage):
      damage.description
    case .moreDamage(let count):
      "\(count) more places of the trace are damaged"
    case .truncatedStacks(let count):
      "\(count) stacks were deeper than recorded: their outer frames are missing (raise MEMTRACE_DEPTH)"
    case .unmatchedFrees(let count):
      "\(count) frees were of addresses at which no block was known"
    case .unrecordedFrees(let count):
      "\(count) frees were of blocks whose allocation was not recorded"
    case .reusedAddresses(let count):
      "\(count) blocks ended unseen (their address was given out again): they count as no longer outstanding"
    case .paused(let spanCount, let nanoseconds):
      """
      recording was paused \(spanCount == 1 ? "once" : "\(spanCount) times"), for \
      \(nanoseconds / 1_000_000) ms: blocks allocated meanwhile are missing
      """
    case .forkedChild(let parentTrace):
      "this is a forked child: blocks from before the fork are in its parent's trace, \(parentTrace)"
    case .symbolication(let warning):
      warning.description
    case .moreSymbolication(let count):
      "\(count) more files gave no names"
    case .noAllocations:
      "the trace holds no allocation at all"
    }
  }
}
