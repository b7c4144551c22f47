// SPDX-License-Identifier: Apache-2.0
//
// The sudden growth that BurstDetector found.

import TraceFile

/// Bursts, and how many there were in all.
struct BurstLog {
  /// A site that grew by more than a threshold within a window of time.
  struct Burst: Hashable {
    var stack: StackID
    /// What it held more at the height of the burst than before.
    var byteCount: UInt64
    var blockCount: UInt64
    /// Of its first allocation, and of the one that made it highest.
    var ticks: Ticks
    var endTicks: Ticks
  }

  private(set) var totalCount: UInt64 = 0
  private var bursts: [Burst] = []
  private let limit: Int

  init(limit: Int = LargeAllocationLog.defaultLimit) {
    self.limit = max(1, limit)
  }

  mutating func append(_ burst: Burst) {
    totalCount &+= 1
    bursts.append(burst)
    if bursts.count > 4 * limit { bursts = largest() }
  }

  /// The largest ones, the largest first; of equal ones the earlier first.
  func largest() -> [Burst] {
    let sorted = bursts.sorted {
      if $0.byteCount != $1.byteCount { return $0.byteCount > $1.byteCount }
      if $0.ticks != $1.ticks { return $0.ticks < $1.ticks }
      return $0.stack < $1.stack
    }
    return Array(sorted.prefix(limit))
  }
}
