// SPDX-License-Identifier: Apache-2.0
//
// Decodes a live window: events as words, one to four each.

import CTraceFormat

/// Reads raw events one by one.
struct RawEventDecoder {
  /// Bytes read so far, always whole events.
  private(set) var offset: Int
  /// What stands at `offset` is no event.
  private(set) var isMalformed = false
  /// The block that the last event began, or 0.
  private var lastBegun: UInt64
  /// When the last event was; a pair's end has no time of its own.
  private var lastTicks = Ticks(0)

  /// Begins at `offset`; the event before there began the block `lastBegun`, or none if that is 0.
  init(startingAt offset: Int = 0, lastBegun: UInt64 = 0) {
    self.offset = offset
    self.lastBegun = lastBegun
  }

  /// The next event in `bytes`; `nil` at their end, and where no event stands.
  mutating func next(in bytes: UnsafeRawBufferPointer) -> TraceEvent? {
    guard offset < bytes.count else { return nil }
    isMalformed = true
    guard let first = word(0, of: bytes) else { return nil }
    let function = AllocationFunction(rawValue: UInt8(first & UInt64(MT_RAW_PAIRED_BIT - 1)))
    guard let kind = function.eventKind else { return nil }
    if kind == .freed, first & UInt64(MT_RAW_PAIRED_BIT) != 0 {
      return pairedEnd(first, function, in: bytes)
    }
    guard let address = word(1, of: bytes) else { return nil }
    var event = TraceEvent(
      kind, ticks: Ticks(first >> UInt64(MT_RAW_FUNCTION_BITS)), address: Address(address),
      function: function)
    var wordCount = 2
    if kind != .freed {
      guard let third = word(2, of: bytes) else { return nil }
      wordCount = 3
      switch kind {
      case .allocated:
        event.stack = StackID(UInt32(truncatingIfNeeded: third))
        event.byteCount = third >> 32
        if event.byteCount == MT_RAW_SIZE_FOLLOWS {
          guard let size = word(3, of: bytes) else { return nil }
          event.byteCount = size
          wordCount = 4
        }
      case .mapped:
        guard let fourth = word(3, of: bytes) else { return nil }
        event.byteCount = third
        event.stack = StackID(UInt32(truncatingIfNeeded: fourth))
        event.mapping = UInt16(truncatingIfNeeded: fourth >> 32)
        wordCount = 4
      default:
        event.byteCount = third
      }
    }
    if kind == .freed, address == lastBegun { event.foldedTemporaryCount = 1 }
    lastBegun = kind == .allocated ? address : 0
    lastTicks = event.ticks
    offset += wordCount * 8
    isMalformed = false
    return event
  }

  /// The end of a block that began in this window: it says where.
  private mutating func pairedEnd(
    _ first: UInt64, _ function: AllocationFunction, in bytes: UnsafeRawBufferPointer
  ) -> TraceEvent? {
    let begin = first >> UInt64(MT_RAW_FUNCTION_BITS)
    guard begin < UInt64(offset / 8), let address = word(at: Int(begin) * 8 + 8, of: bytes) else {
      return nil
    }
    var event = TraceEvent(.freed, ticks: lastTicks, address: Address(address), function: function)
    if address == lastBegun { event.foldedTemporaryCount = 1 }
    lastBegun = 0
    offset += 8
    isMalformed = false
    return event
  }

  private func word(_ index: Int, of bytes: UnsafeRawBufferPointer) -> UInt64? {
    word(at: offset + index * 8, of: bytes)
  }

  private func word(at start: Int, of bytes: UnsafeRawBufferPointer) -> UInt64? {
    guard start + 8 <= bytes.count else { return nil }
    return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self))
  }
}
