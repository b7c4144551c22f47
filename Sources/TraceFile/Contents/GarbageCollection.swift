// SPDX-License-Identifier: Apache-2.0
//
// One collection of a garbage collector, from the trace or from a log beside it.

/// A collection: when, how long, of which kind.
package struct GarbageCollection: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// A scavenge of the young generation.
    case minor
    /// A mark-compact of the whole heap.
    case major
    case incremental
    case weakCallbacks
    case minorMarkSweep
    /// One that a later version of the format names.
    case other(UInt32)
  }

  /// When it began.
  package let ticks: Ticks
  package let durationNanoseconds: UInt64
  package let kind: Kind
  /// V8's `GCCallbackFlags`; 0 from a log.
  package let flags: UInt32
  /// The worker's `threadId`, 0 for the main thread; in a log, isolates in order of appearance.
  package let threadID: UInt32
  /// Bytes in use before and after, where the source says so (a log does, the trace does not).
  package let heapUsedByteCountBefore: UInt64?
  package let heapUsedByteCountAfter: UInt64?
  /// Why the engine collected, in its own words, where the source says so.
  package let reason: String?

  package init(
    ticks: Ticks, durationNanoseconds: UInt64, kind: Kind, flags: UInt32 = 0, threadID: UInt32 = 0,
    heapUsedByteCountBefore: UInt64? = nil, heapUsedByteCountAfter: UInt64? = nil,
    reason: String? = nil
  ) {
    self.ticks = ticks
    self.durationNanoseconds = durationNanoseconds
    self.kind = kind
    self.flags = flags
    self.threadID = threadID
    self.heapUsedByteCountBefore = heapUsedByteCountBefore
    self.heapUsedByteCountAfter = heapUsedByteCountAfter
    self.reason = reason
  }
}
