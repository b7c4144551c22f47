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
  package var functions: [AllocationFunction] {
    (0..<UInt8(16)).filter { totals.functionBits & 1 << UInt16($0) != 0 }
      .map(AllocationFunction.init(rawValue:))
  }
}

/// Which of all sites the listed ones are.
package struct SiteSelection: Hashable, Sendable {
  package var order: SiteOrder
  package var filter: String?
  /// Stacks that allocated in the time asked for.
  package var siteCount: UInt64
  /// Of these, the ones that still hold something.
  package var outstandingSiteCount: UInt64
  /// Sites that qualify: of the filter, and holding something where the order asks for that.
  package var matchingSiteCount: UInt64
  package var matchingBytes: UInt64
  /// Bytes outstanding through the program's own code, where that was looked into.
  package var ownBytes: UInt64?

  package init(
    order: SiteOrder, filter: String?, siteCount: UInt64, outstandingSiteCount: UInt64,
    matchingSiteCount: UInt64, matchingBytes: UInt64
  ) {
    self.order = order
    self.filter = filter
    self.siteCount = siteCount
    self.outstandingSiteCount = outstandingSiteCount
    self.matchingSiteCount = matchingSiteCount
    self.matchingBytes = matchingBytes
  }
}
