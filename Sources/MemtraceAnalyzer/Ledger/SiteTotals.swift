// SPDX-License-Identifier: Apache-2.0
//
// What one stack allocated, freed and still holds.

import TraceFile

/// The books of one site.
///
/// Sums wrap instead of trapping: the sizes come out of a file.
package struct SiteTotals: Hashable, Sendable {
  package var stack: StackID
  /// The functions its blocks began with: bit `enum mt_function`.
  package var functionBits: UInt16 = 0
  package var allocationCount: UInt64 = 0
  package var allocatedBytes: UInt64 = 0
  package var outstandingCount: UInt64 = 0
  package var outstandingBytes: UInt64 = 0
  /// The most that was outstanding at once, blocks folded away not counted.
  package var peakBytes: UInt64 = 0
  /// Blocks that ended before their thread did anything else.
  package var temporaryCount: UInt64 = 0
  /// Of its first and its last allocation; those folded away are known by their window.
  package var firstTicks = Ticks(.max)
  package var lastTicks = Ticks(0)

  package init(stack: StackID) {
    self.stack = stack
  }

  init(_ book: SiteBook, firstTicks: Ticks) {
    stack = book.stack
    functionBits = book.functionBits
    allocationCount = book.allocationCount
    allocatedBytes = book.allocatedBytes
    outstandingCount = book.outstandingCount
    outstandingBytes = book.outstandingBytes
    peakBytes = book.peakBytes
    temporaryCount = book.temporaryCount
    self.firstTicks = firstTicks
    lastTicks = Ticks(book.lastTicks)
  }

  /// Adds another site's books to these.
  mutating func merge(_ other: SiteTotals) {
    functionBits |= other.functionBits
    allocationCount &+= other.allocationCount
    allocatedBytes &+= other.allocatedBytes
    outstandingCount &+= other.outstandingCount
    outstandingBytes &+= other.outstandingBytes
    peakBytes &+= other.peakBytes
    temporaryCount &+= other.temporaryCount
    firstTicks = min(firstTicks, other.firstTicks)
    lastTicks = max(lastTicks, other.lastTicks)
  }
}
