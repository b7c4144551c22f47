// SPDX-License-Identifier: Apache-2.0
//
// The heap's books for the time asked for, with what the kernel said about the process.

/// Totals of the heap.
package struct HeapSummary: Hashable, Sendable {
  package var allocationCount: UInt64 = 0
  package var allocatedBytes: UInt64 = 0
  package var freeCount: UInt64 = 0
  package var outstandingCount: UInt64 = 0
  package var outstandingBytes: UInt64 = 0
  package var peakBytes: UInt64 = 0
  package var peakNanoseconds: UInt64 = 0
  package var temporaryCount: UInt64 = 0
  /// Heap and mapping events read; an allocation that was freed is two.
  package var eventCount: UInt64 = 0
  /// Resident memory as sampled: the highest, and the last; nil without samples.
  package var peakRSSBytes: UInt64?
  package var endRSSBytes: UInt64?

  package init() {}
}
