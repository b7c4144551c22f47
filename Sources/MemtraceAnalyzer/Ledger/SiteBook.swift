// SPDX-License-Identifier: Apache-2.0
//
// What the ledger writes down of one stack with every event, in one cache line.

import TraceFile

/// The books of one site while they are kept; see `SiteTotals` for what they say.
struct SiteBook {
  var allocationCount: UInt64 = 0
  var allocatedBytes: UInt64 = 0
  var outstandingCount: UInt64 = 0
  var outstandingBytes: UInt64 = 0
  var peakBytes: UInt64 = 0
  var temporaryCount: UInt64 = 0
  var lastTicks: UInt64 = 0
  let stack: StackID
  var functionBits: UInt16 = 0
  /// Who wants to hear of events of this site; `HeapLedger` asks for any of them at once.
  var attention: UInt8 = 0

  /// Bits of `attention`: `BurstDetector` wants to hear of every event.
  static let watched: UInt8 = 1
  /// `HeapLedger.takeChanges` wants to hear of the next change.
  static let followed: UInt8 = 2

  var isWatched: Bool { attention & Self.watched != 0 }

  init(stack: StackID, attention: UInt8 = 0) {
    self.stack = stack
    self.attention = attention
  }

  /// A block began here.
  @inline(__always)
  mutating func began(_ byteCount: UInt64, _ function: AllocationFunction, at ticks: Ticks) {
    allocationCount &+= 1
    allocatedBytes &+= byteCount
    outstandingCount &+= 1
    outstandingBytes &+= byteCount
    if outstandingBytes > peakBytes { peakBytes = outstandingBytes }
    note(function, at: ticks)
  }

  /// A block that began here is no longer outstanding.
  @inline(__always)
  mutating func ended(_ byteCount: UInt64) {
    outstandingCount &-= 1
    outstandingBytes &-= byteCount
  }

  /// Blocks began and ended here.
  mutating func folded(
    _ count: UInt64, _ byteCount: UInt64, _ temporaryCount: UInt64,
    _ function: AllocationFunction, at ticks: Ticks
  ) {
    allocationCount &+= count
    allocatedBytes &+= byteCount
    self.temporaryCount &+= temporaryCount
    note(function, at: ticks)
  }

  @inline(__always)
  private mutating func note(_ function: AllocationFunction, at ticks: Ticks) {
    functionBits |= 1 &<< UInt16(function.rawValue & 15)
    lastTicks = max(lastTicks, ticks.rawValue)
  }
}
