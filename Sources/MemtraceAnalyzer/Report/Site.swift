// SPDX-License-Identifier: Apache-2.0
//
// One stack with the blocks that it allocated.

import TraceFile

/// A stack and its books.
package struct Site: Hashable, Sendable {
  package var totals: SiteTotals
  package var firstNanoseconds: UInt64
  package var lastNanoseconds: UInt64
  package var stack: ReportStack

  package init(
    totals: SiteTotals, firstNanoseconds: UInt64, lastNanoseconds: UInt64, stack: ReportStack
  ) {
    self.totals = totals
    self.firstNanoseconds = firstNanoseconds
    self.lastNanoseconds = lastNanoseconds
    self.stack = stack
  }

  /// Adds another site's books to these.
  mutating func merge(_ other: Site) {
    totals.merge(other.totals)
    firstNanoseconds = min(firstNanoseconds, other.firstNanoseconds)
    lastNanoseconds = max(lastNanoseconds, other.lastNanoseconds)
  }

  /// The functions its blocks began with.
  package var functions: [AllocationFunction] { totals.functions }
}

extension SiteTotals {
  /// The functions its blocks began with.
  package var functions: [AllocationFunction] {
    (0..<UInt8(16)).filter { functionBits & 1 << UInt16($0) != 0 }
      .map(AllocationFunction.init(rawValue:))
  }
}
