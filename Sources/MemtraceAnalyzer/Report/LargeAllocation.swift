// SPDX-License-Identifier: Apache-2.0
//
// Much memory at once.

/// A single large block, or the sudden growth of a site.
package struct LargeAllocation: Hashable, Sendable {
  package enum Kind: String, Sendable {
    case single
    /// Many allocations of one site within a short time.
    case burst
  }

  package var kind: Kind
  /// Of the allocation, or of the first one of the burst.
  package var nanoseconds: UInt64
  /// Of a burst: from its first allocation to its height; 0 for a single one.
  package var durationNanoseconds: UInt64
  package var byteCount: UInt64
  package var blockCount: UInt64
  /// When a single block was freed; nil while it is outstanding, and for bursts.
  package var freedNanoseconds: UInt64?
  package var stack: ReportStack

  package init(
    kind: Kind, nanoseconds: UInt64, durationNanoseconds: UInt64 = 0, byteCount: UInt64,
    blockCount: UInt64 = 1, freedNanoseconds: UInt64? = nil, stack: ReportStack
  ) {
    self.kind = kind
    self.nanoseconds = nanoseconds
    self.durationNanoseconds = durationNanoseconds
    self.byteCount = byteCount
    self.blockCount = blockCount
    self.freedNanoseconds = freedNanoseconds
    self.stack = stack
  }
}
