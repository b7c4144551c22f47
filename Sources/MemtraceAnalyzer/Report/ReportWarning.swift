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
  /// The process was most likely killed because memory was short.
  case outOfMemory(Death)
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
  case lastCodeNamesOnly
  /// Names of generated code are not in the trace, but in a file of the traced program.
  case perfMap(path: String)
  case noAllocations

  /// Whether it changes what the totals mean.
  package var isGrave: Bool {
    switch self {
    case .killed, .outOfMemory, .stopped, .lostEvents, .damage, .moreDamage, .unmatchedFrees,
      .paused,
      .noAllocations:
      true
    case .stillRunning, .executed, .truncatedStacks, .unrecordedFrees, .reusedAddresses,
      .forkedChild, .symbolication, .moreSymbolication, .lastCodeNamesOnly,
      .perfMap:
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
    case .outOfMemory(let death):
      death.words
    case .stopped(let errno):
      """
      recording stopped before the program ended (\(Errno(rawValue: errno).description)): \
      what came after is missing
      """
    case .executed:
      "the process replaced itself by another program, which writes a trace of its own if it can be traced"
    case .lostEvents(let count):
      "\(Self.count(count, "event")) could not be recorded: the counts are too low or blocks wrongly look outstanding"
    case .damage(let damage):
      damage.description
    case .moreDamage(let count):
      "\(Self.count(UInt64(count), "more place")) of the trace \(count == 1 ? "is" : "are") damaged"
    case .truncatedStacks(let count):
      """
      \(Self.count(count, "stack was", "stacks were")) deeper than recorded: outer frames are \
      missing (raise MEMTRACE_DEPTH)
      """
    case .unmatchedFrees(let count):
      "\(Self.count(count, "free was", "frees were")) of addresses at which no block was known"
    case .unrecordedFrees(let count):
      "\(Self.count(count, "free was", "frees were")) of blocks whose allocation was not recorded"
    case .reusedAddresses(let count):
      """
      \(Self.count(count, "block")) ended unseen (the address was given out again): no longer \
      outstanding
      """
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
      "\(Self.count(UInt64(count), "more file")) gave no names"
    case .lastCodeNamesOnly:
      """
      the trace has so many names for the same places of generated code that some blocks are shown \
      under the last name of their code, not under that of their time
      """
    case .perfMap(let path):
      "names of generated code are those of \(path): without that file the trace has none"
    case .noAllocations:
      "the trace holds no allocation at all"
    }
  }

  /// A number with its noun; plain digits, for programs read these sentences, too.
  private static func count(_ number: UInt64, _ singular: String, _ plural: String? = nil)
    -> String
  {
    "\(number) \(number == 1 ? singular : plural ?? singular + "s")"
  }
}
