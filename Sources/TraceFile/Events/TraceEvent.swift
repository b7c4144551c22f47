// SPDX-License-Identifier: Apache-2.0
//
// What a trace says happened, free of how it was written down.

/// An address in the traced process.
package struct Address: Hashable, Comparable, Sendable {
  package let rawValue: UInt64

  package init(_ rawValue: UInt64) { self.rawValue = rawValue }

  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A stack, as the number of its innermost node in the trace's `StackTable`.
package struct StackID: Hashable, Comparable, Sendable {
  package let rawValue: UInt32

  package init(_ rawValue: UInt32) { self.rawValue = rawValue }

  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// An instant, in ticks of the trace's clock since its start.
package struct Ticks: Hashable, Comparable, Sendable {
  package let rawValue: UInt64

  package init(_ rawValue: UInt64) { self.rawValue = rawValue }

  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// The interposed function an event comes from (`enum mt_function`).
package struct AllocationFunction: Hashable, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }
}

/// One event of one thread.
///
/// A flat value of 32 bytes, not an enumeration with payloads: hundreds of millions of them are
/// decoded, sorted and applied in place. What only some kinds have stands where those have no use
/// for another field.
package struct TraceEvent: Hashable, Sendable {
  package enum Kind: UInt8, Sendable {
    /// A heap block begins: `address`, `byteCount`, `stack`.
    case allocated
    /// A heap block ends: `address`; `foldedTemporaryCount` is 1 if it began with the event before
    /// of the same thread.
    case freed
    /// A mapping begins: `address`, `byteCount`, `stack`, `mapping`.
    case mapped
    /// A range is no longer mapped: `address`, `byteCount`.
    case unmapped
    /// Blocks that began and ended within one window of one thread: `byteCount` in all,
    /// `foldedCount` blocks, `foldedTemporaryCount` of them temporary, `stack`.
    case folded
    /// Not an event of its own: at this instant blocks folded away held `byteCount` bytes more
    /// than the events say. Only the peak is concerned.
    case foldedPeak
  }

  package var ticks: Ticks
  /// Of `.folded`, which has none, the two counts: the lower half the blocks.
  package var address: Address
  package var byteCount: UInt64
  package var stack: StackID
  /// Of `.mapped` what `mapping` says; of `.freed` 1 for a temporary block.
  package var detail: UInt16
  package var kind: Kind
  package var function: AllocationFunction

  package init(
    _ kind: Kind, ticks: Ticks, address: Address = Address(0), byteCount: UInt64 = 0,
    stack: StackID = StackID(0), function: AllocationFunction, mapping: UInt16 = 0,
    foldedCount: UInt32 = 0, foldedTemporaryCount: UInt32 = 0
  ) {
    self.ticks = ticks
    self.address = address
    self.byteCount = byteCount
    self.stack = stack
    self.kind = kind
    self.function = function
    detail = mapping
    if kind == .folded {
      self.address = Address(UInt64(foldedTemporaryCount) << 32 | UInt64(foldedCount))
    } else if kind == .freed {
      detail = UInt16(truncatingIfNeeded: foldedTemporaryCount)
    }
  }

  /// `enum mt_mapping` bits, for `.mapped`; 0 for the others.
  package var mapping: UInt16 {
    get { kind == .mapped ? detail : 0 }
    set { if kind == .mapped { detail = newValue } }
  }

  /// Blocks, for `.folded`; 0 for the others.
  package var foldedCount: UInt32 {
    kind == .folded ? UInt32(truncatingIfNeeded: address.rawValue) : 0
  }

  /// Temporary blocks, for `.folded` and `.freed`; 0 for the others.
  package var foldedTemporaryCount: UInt32 {
    get {
      switch kind {
      case .freed: UInt32(detail)
      case .folded: UInt32(truncatingIfNeeded: address.rawValue >> 32)
      case .allocated, .mapped, .unmapped, .foldedPeak: 0
      }
    }
    set {
      switch kind {
      case .freed: detail = UInt16(truncatingIfNeeded: newValue)
      case .folded: address = Address(UInt64(newValue) << 32 | UInt64(foldedCount))
      case .allocated, .mapped, .unmapped, .foldedPeak: break
      }
    }
  }
}
