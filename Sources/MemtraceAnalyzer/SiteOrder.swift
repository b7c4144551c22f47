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
    let leftKey = key(left)
    let rightKey = key(right)
    if leftKey != rightKey { return leftKey > rightKey }
    if left.outstandingBytes != right.outstandingBytes {
      return left.outstandingBytes > right.outstandingBytes
    }
    if left.outstandingCount != right.outstandingCount {
      return left.outstandingCount > right.outstandingCount
    }
    return left.stack < right.stack
  }

  private func key(_ totals: SiteTotals) -> UInt64 {
    switch self {
    case .outstanding: totals.outstandingBytes
    case .count: totals.outstandingCount
    case .total: totals.allocatedBytes
    case .allocations: totals.allocationCount
    case .peak: totals.peakBytes
    case .temporary: totals.temporaryCount
    }
  }
}
