// SPDX-License-Identifier: Apache-2.0
//
// Much memory at once, as the ledger has it: no names, and time in ticks.

import TraceFile

/// A large block, or a burst.
enum LargeFinding {
  case single(LargeAllocationLog.Entry)
  case burst(BurstLog.Burst)

  var stack: StackID {
    switch self {
    case .single(let entry): entry.stack
    case .burst(let burst): burst.stack
    }
  }

  private var byteCount: UInt64 {
    switch self {
    case .single(let entry): entry.byteCount
    case .burst(let burst): burst.byteCount
    }
  }

  private var ticks: Ticks {
    switch self {
    case .single(let entry): entry.ticks
    case .burst(let burst): burst.ticks
    }
  }

  /// Single large allocations and bursts, the largest first, of equal ones the earlier.
  static func list(_ heap: borrowing HeapLedger) -> [LargeFinding] {
    let list =
      heap.largeAllocations().largest().map(LargeFinding.single)
      + heap.burstLog().largest().map(LargeFinding.burst)
    return list.sorted {
      $0.byteCount != $1.byteCount ? $0.byteCount > $1.byteCount : $0.ticks < $1.ticks
    }
  }
}

extension LargeAllocation {
  init(_ finding: LargeFinding, clock: TraceClock, resolver: StackResolver) {
    let stack = resolver.reportStack(finding.stack)
    switch finding {
    case .single(let entry):
      self.init(
        kind: .single, nanoseconds: clock.nanoseconds(at: entry.ticks),
        byteCount: entry.byteCount, freedNanoseconds: entry.endTicks.map(clock.nanoseconds),
        stack: stack)
    case .burst(let burst):
      let start = clock.nanoseconds(at: burst.ticks)
      self.init(
        kind: .burst, nanoseconds: start,
        durationNanoseconds: clock.nanoseconds(at: burst.endTicks) &- start,
        byteCount: burst.byteCount, blockCount: burst.blockCount, stack: stack)
    }
  }
}
