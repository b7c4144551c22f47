// SPDX-License-Identifier: Apache-2.0
//
// The books of several sites in one, where it does not matter which sites they were.

/// What several sites allocated and hold.
package struct SiteSums: Hashable, Sendable {
  package var outstandingBytes: UInt64 = 0
  package var outstandingCount: UInt64 = 0
  package var allocatedBytes: UInt64 = 0
  package var allocationCount: UInt64 = 0
  /// The sum of the sites' own peaks, which need not have been at one time.
  package var peakBytes: UInt64 = 0
  package var temporaryCount: UInt64 = 0
  package var siteCount: UInt64 = 0

  package init() {}

  /// The sums of some sites.
  package init(of sites: some Sequence<SiteTotals>) {
    for totals in sites { add(totals) }
  }

  mutating func add(_ totals: SiteTotals) {
    addAmounts(totals)
    siteCount &+= 1
  }

  mutating func add(_ other: SiteSums) {
    addAmounts(other)
    siteCount &+= other.siteCount
  }

  private mutating func addAmounts(_ amounts: some SiteAmounts) {
    outstandingBytes &+= amounts.outstandingBytes
    outstandingCount &+= amounts.outstandingCount
    allocatedBytes &+= amounts.allocatedBytes
    allocationCount &+= amounts.allocationCount
    peakBytes &+= amounts.peakBytes
    temporaryCount &+= amounts.temporaryCount
  }
}
