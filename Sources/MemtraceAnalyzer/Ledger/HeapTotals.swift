// SPDX-License-Identifier: Apache-2.0
//
// The books of the whole heap, and what did not add up while they were kept.

import TraceFile

/// Sums over all heap blocks of the time asked for, which wrap instead of trapping.
package struct HeapTotals: Hashable, Sendable {
  package var allocationCount: UInt64 = 0
  package var allocatedBytes: UInt64 = 0
  /// Blocks that were seen to begin and to end.
  package var freeCount: UInt64 = 0
  package var outstandingCount: UInt64 = 0
  package var outstandingBytes: UInt64 = 0
  package var peakBytes: UInt64 = 0
  package var peakTicks = Ticks(0)
  /// Blocks that ended before their thread did anything else.
  package var temporaryCount: UInt64 = 0
  /// Frees of addresses at which no block was known, before the program first paused recording.
  package var unknownFreeCount: UInt64 = 0
  /// The same after it: such a block may have begun while nothing was recorded.
  package var unknownFreeCountAfterPause: UInt64 = 0
  /// Blocks that ended unseen: another one began at their address.
  package var reusedAddressCount: UInt64 = 0
  /// Heap events met, earlier ones than the time asked for included; a folded pair counts two.
  package var eventCount: UInt64 = 0

  package init() {}
}
