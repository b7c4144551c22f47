// SPDX-License-Identifier: Apache-2.0
//
// By what sites are ranked.

/// What makes one site come before another.
package enum SiteOrder: String, CaseIterable, Sendable {
  /// Outstanding bytes.
  case outstanding
  /// Outstanding blocks.
  case count
  /// Bytes ever allocated.
  case total
  /// Blocks ever allocated.
  case allocations
  /// The most bytes that were outstanding at once.
  case peak
  /// Blocks that were freed before their thread did anything else.
  case temporary

  /// Whether sites that hold nothing any more are of interest.
  package var listsFreedSites: Bool {
    switch self {
    case .outstanding, .count: false
    case .total, .allocations, .peak, .temporary: true
    }
  }

  /// Largest first; among equals the one that holds more, then the older stack.
  func isBefore(_ left: SiteTotals, _ right: SiteTotals) -> Bool {
    compare(left, right) ?? (left.stack < right.stack)
  }

  /// Largest first; among equals the one that holds more; nil where nothing tells them apart.
  func compare(_ left: some SiteAmounts, _ right: some SiteAmounts) -> Bool? {
    let leftAmount = amount(of: left)
    let rightAmount = amount(of: right)
    if leftAmount != rightAmount { return leftAmount > rightAmount }
    if left.outstandingBytes != right.outstandingBytes {
      return left.outstandingBytes > right.outstandingBytes
    }
    if left.outstandingCount != right.outstandingCount {
      return left.outstandingCount > right.outstandingCount
    }
    return nil
  }

  /// What is compared.
  func amount(of amounts: some SiteAmounts) -> UInt64 {
    switch self {
    case .outstanding: amounts.outstandingBytes
    case .count: amounts.outstandingCount
    case .total: amounts.allocatedBytes
    case .allocations: amounts.allocationCount
    case .peak: amounts.peakBytes
    case .temporary: amounts.temporaryCount
    }
  }

  /// Whether the amount is one of blocks, not of bytes.
  var countsBlocks: Bool {
    switch self {
    case .outstanding, .total, .peak: false
    case .count, .allocations, .temporary: true
    }
  }
}

/// Amounts that sites are ranked by.
protocol SiteAmounts {
  var outstandingBytes: UInt64 { get }
  var outstandingCount: UInt64 { get }
  var allocatedBytes: UInt64 { get }
  var allocationCount: UInt64 { get }
  var peakBytes: UInt64 { get }
  var temporaryCount: UInt64 { get }
}

extension SiteTotals: SiteAmounts {}
extension SiteSums: SiteAmounts {}
