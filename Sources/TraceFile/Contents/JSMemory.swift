// SPDX-License-Identifier: Apache-2.0
//
// Memory of one JavaScript heap as its engine saw it at one instant.

/// What `process.memoryUsage()` said at one instant.
package struct JSMemory: Hashable, Sendable {
  package let ticks: Ticks
  /// Of the whole process.
  package let rssByteCount: UInt64
  /// What the engine has taken from the system for its heap.
  package let heapTotalByteCount: UInt64
  /// What of it holds objects, the dead ones since the last collection included.
  package let heapUsedByteCount: UInt64
  /// Outside the heap and held by objects in it; array buffers included.
  package let externalByteCount: UInt64
  /// Of it, ArrayBuffers and Buffers.
  package let arrayBuffersByteCount: UInt64
  /// How large the heap may grow before the engine ends the process; `nil` when not known.
  package let heapLimitByteCount: UInt64?
  /// The worker's `threadId`; 0 for the main thread.
  package let threadID: UInt32

  package init(
    ticks: Ticks, rssByteCount: UInt64, heapTotalByteCount: UInt64, heapUsedByteCount: UInt64,
    externalByteCount: UInt64, arrayBuffersByteCount: UInt64, heapLimitByteCount: UInt64? = nil,
    threadID: UInt32 = 0
  ) {
    self.ticks = ticks
    self.rssByteCount = rssByteCount
    self.heapTotalByteCount = heapTotalByteCount
    self.heapUsedByteCount = heapUsedByteCount
    self.externalByteCount = externalByteCount
    self.arrayBuffersByteCount = arrayBuffersByteCount
    self.heapLimitByteCount = heapLimitByteCount
    self.threadID = threadID
  }
}
