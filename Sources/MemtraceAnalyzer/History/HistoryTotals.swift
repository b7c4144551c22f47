// SPDX-License-Identifier: Apache-2.0
//
// All of memory at one instant of a history.

import TraceFile

/// Sums over all sites at one instant.
package struct HistoryTotals: Hashable, Sendable {
  package var ticks: Ticks
  package var outstandingBytes: UInt64 = 0
  package var outstandingCount: UInt64 = 0
  /// The most that was outstanding at once in the interval that ends here, and when.
  package var peakBytes: UInt64 = 0
  package var peakTicks = Ticks(0)
  /// What was allocated and freed in the interval that ends here.
  ///
  /// Blocks that were folded away count where their window was sealed.
  package var allocatedBytes: UInt64 = 0
  package var allocationCount: UInt64 = 0
  package var freedBytes: UInt64 = 0
  package var freeCount: UInt64 = 0
  /// What is mapped beside the heap; what was mapped in the interval that ends here is in
  /// `mappedBytes` and `mappedCount` of this interval alone.
  package var mappings = MappingTotals()

  package init(ticks: Ticks) {
    self.ticks = ticks
  }
}
