// SPDX-License-Identifier: Apache-2.0
//
// What one site held over time: its changes, not its value at every instant.

import TraceFile

/// Blocks that are outstanding.
package struct SiteAmount: Hashable, Sendable {
  package var byteCount: UInt64 = 0
  package var count: UInt64 = 0

  package init(byteCount: UInt64 = 0, count: UInt64 = 0) {
    self.byteCount = byteCount
    self.count = count
  }

  static func += (sum: inout SiteAmount, part: SiteAmount) {
    sum.byteCount &+= part.byteCount
    sum.count &+= part.count
  }

  static func -= (rest: inout SiteAmount, part: SiteAmount) {
    rest.byteCount &-= part.byteCount
    rest.count &-= part.count
  }
}

/// From this instant on a site holds so much.
package struct SiteChange: Hashable, Sendable {
  package var instant: UInt32
  package var amount: SiteAmount

  package init(instant: UInt32, amount: SiteAmount) {
    self.instant = instant
    self.amount = amount
  }
}

/// One site of a `SiteHistory`.
package struct SiteSeries: Sendable {
  package var stack: StackID
  /// The interval in which its blocks were allocated; 0 where cohorts are not split.
  package var cohort: Int
  /// Ascending; before the first one it holds nothing.
  ///
  /// Sites share one array of them.
  package var changes: ArraySlice<SiteChange>

  package init(stack: StackID, cohort: Int, changes: ArraySlice<SiteChange>) {
    self.stack = stack
    self.cohort = cohort
    self.changes = changes
  }

  /// One site that holds what all of `parts` hold together; there must be one at least.
  init(sumOf parts: [SiteSeries]) {
    stack = parts.first?.stack ?? StackID(0)
    cohort = parts.first?.cohort ?? 0
    var steps: [(instant: UInt32, part: Int, amount: SiteAmount)] = []
    for (index, part) in parts.enumerated() {
      steps += part.changes.map { ($0.instant, index, $0.amount) }
    }
    steps.sort { ($0.instant, $0.part) < ($1.instant, $1.part) }
    var held = [SiteAmount](repeating: SiteAmount(), count: parts.count)
    var sum = SiteAmount()
    var summed: [SiteChange] = []
    for step in steps {
      sum.byteCount = sum.byteCount &- held[step.part].byteCount &+ step.amount.byteCount
      sum.count = sum.count &- held[step.part].count &+ step.amount.count
      held[step.part] = step.amount
      if summed.last?.instant == step.instant { summed.removeLast() }
      summed.append(SiteChange(instant: step.instant, amount: sum))
    }
    changes = summed[...]
  }

  /// What it holds at an instant.
  ///
  /// - Complexity: O(log n) for n changes.
  package func amount(at instant: Int) -> SiteAmount {
    var low = changes.startIndex
    var high = changes.endIndex
    while low < high {
      let middle = (low + high) / 2
      if Int(changes[middle].instant) > instant { high = middle } else { low = middle + 1 }
    }
    return low > changes.startIndex ? changes[low - 1].amount : SiteAmount()
  }

  /// What it holds at each of `count` instants.
  package func amounts(count: Int) -> [SiteAmount] {
    var amounts = [SiteAmount](repeating: SiteAmount(), count: count)
    for (index, change) in zip(changes.indices, changes) {
      let end = index + 1 < changes.endIndex ? Int(changes[index + 1].instant) : count
      for instant in Int(change.instant)..<max(Int(change.instant), end) where instant < count {
        amounts[instant] = change.amount
      }
    }
    return amounts
  }

  /// What it holds at the last instant.
  package var lastAmount: SiteAmount { changes.last?.amount ?? SiteAmount() }
}

/// What one stack allocated in one interval.
package struct SiteAllocations: Hashable, Sendable {
  package var stack: StackID
  package var cohort: Int
  package var byteCount: UInt64
  package var count: UInt64
  /// Of them, the blocks that ended before their thread did anything else.
  package var temporaryCount: UInt64

  init(
    stack: StackID, cohort: Int, byteCount: UInt64 = 0, count: UInt64 = 0, temporaryCount: UInt64
  ) {
    self.stack = stack
    self.cohort = cohort
    self.byteCount = byteCount
    self.count = count
    self.temporaryCount = temporaryCount
  }

  init(_ totals: SiteTotals, cohort: Int) {
    stack = totals.stack
    self.cohort = cohort
    byteCount = totals.allocatedBytes
    count = totals.allocationCount
    temporaryCount = totals.temporaryCount
  }
}

/// What one stack had mapped over time.
package struct MappingSeries: Sendable {
  package var stack: StackID
  /// Ascending; before the first one nothing is mapped.
  package var changes: [(instant: Int, totals: MappingTotals)]

  /// What it has mapped at each of `count` instants.
  package func totals(count: Int) -> [MappingTotals] {
    var result = [MappingTotals](repeating: MappingTotals(), count: count)
    for (index, change) in changes.enumerated() {
      let end = index + 1 < changes.count ? changes[index + 1].instant : count
      for instant in change.instant..<max(change.instant, end) where instant < count {
        result[instant] = change.totals
      }
    }
    return result
  }
}
