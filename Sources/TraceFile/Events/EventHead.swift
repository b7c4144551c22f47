// SPDX-License-Identifier: Apache-2.0
//
// What the two bytes that a compact event begins with say, for each of their values: worked out
// once, so that the decoder looks it up and does not take bits apart.

import CTraceFormat

/// The first byte: what an event is.
enum EventForm: UInt8 {
  /// Begins a block; its slot says stack and size, only the stack, or nothing yet.
  case sameSite
  case sameStack
  case newSite
  /// Ends a block.
  case end
  /// Begins a mapping.
  case mapping
  case unmapping
  case foldedPeak
  /// More events like the last.
  case run
  /// No event begins like this.
  case none

  init(firstByte: UInt8) {
    let function = firstByte & 31
    let mode = UInt32(firstByte >> 5 & 3)
    if UInt32(function) == MT_FOLD_PEAK.rawValue {
      self = .foldedPeak
      return
    }
    if UInt32(function) == MT_RUN.rawValue {
      self = firstByte < 0x80 ? .run : .none
      return
    }
    switch (AllocationFunction(rawValue: function).eventKind, mode) {
    case (.freed, _): self = .end
    case (.unmapped, _): self = .unmapping
    case (.allocated, MT_SITE_SAME.rawValue): self = .sameSite
    case (.allocated, MT_SITE_STACK.rawValue): self = .sameStack
    case (.allocated, MT_SITE_FULL.rawValue): self = .newSite
    case (.mapped, ...MT_SITE_FULL.rawValue): self = .mapping
    default: self = .none
    }
  }
}

/// The second byte: how long an event's fields are.
struct EventLengths {
  /// How far a mask of all bits is to be shifted to leave those of the field.
  let ticksShift: UInt8
  let addressShift: UInt8
  let sizeShift: UInt8
  let sizeByteCount: UInt8
  /// Behind the field, from the event's first byte.
  let ticksEnd: UInt8
  let addressEnd: UInt8
  /// 1 for the end of a temporary block.
  let temporaryCount: UInt8

  init(secondByte: UInt8) {
    let ticksByteCount: UInt8 = 1 << (secondByte & 3)
    let addressByteCount = (secondByte >> 2 & 7) + 1
    sizeByteCount = 1 << (secondByte >> 5 & 3)
    ticksShift = 64 - 8 * ticksByteCount
    addressShift = 64 - 8 * addressByteCount
    sizeShift = 64 - 8 * sizeByteCount
    ticksEnd = 2 + ticksByteCount
    addressEnd = ticksEnd + addressByteCount
    temporaryCount = secondByte >> 7
  }
}
