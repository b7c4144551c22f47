// SPDX-License-Identifier: Apache-2.0
//
// What is missing from a trace or cannot be read. Facts here, worded once, below.

/// One thing that is missing or unreadable, and where.
package enum TraceDamage: Hashable, Sendable {
  /// Room was reserved for a chunk that was never, or not wholly, written: its writer was killed
  /// at just that moment. Events are not lost by it, the window that was being sealed has them.
  case unwrittenChunk(byteOffset: UInt64, byteCount: UInt64)
  /// The file ends at `byteOffset`, `missingByteCount` bytes before its end.
  case truncatedFile(byteOffset: UInt64, missingByteCount: UInt64)
  /// Bytes that belong to no readable chunk.
  case unreadableBytes(byteOffset: UInt64, byteCount: UInt64)
  /// A sealed chunk is not what was written.
  case wrongChecksum(byteOffset: UInt64, kind: UInt16)
  /// A chunk's content contradicts itself.
  case malformedChunk(byteOffset: UInt64, kind: UInt16)
  /// A second chunk claims a place that is taken; it was left out.
  case duplicateChunk(byteOffset: UInt64, kind: UInt16)
  /// Sealed chunks of a window's events that are not in the file.
  case missingEvents(window: UInt32, sequences: ClosedRange<UInt64>)
  /// A window of which there are sealed chunks is not in the file, and its newest events with it.
  case missingWindow(window: UInt32)
  /// Names of generated code that are not in the file.
  case missingCodeNames(ordinals: ClosedRange<UInt32>)
  /// The events from `byteOffset` on to the end of their chunk or window cannot be decoded.
  case malformedEvents(byteOffset: UInt64, window: UInt32)
  /// Stacks whose outer frames are missing because their parent is not readable.
  case brokenStacks(count: UInt64)
  /// References to stacks that are not in the trace; the events are there.
  case unknownStacks(count: UInt64)
  /// Neither the header nor the samples tell how long a tick is; times are guesses.
  case unusableClock
  /// The trace does not say who was traced.
  case missingProcess

  /// Whether events may be missing, so that blocks may wrongly look leaked or freed twice.
  package var mayLoseEvents: Bool {
    switch self {
    case .truncatedFile, .unreadableBytes, .missingEvents, .missingWindow, .malformedEvents: true
    case .wrongChecksum(_, let kind), .malformedChunk(_, let kind), .duplicateChunk(_, let kind):
      kind == 1 || kind == 16
    case .unwrittenChunk, .missingCodeNames, .brokenStacks, .unknownStacks, .unusableClock,
      .missingProcess:
      false
    }
  }
}
