// SPDX-License-Identifier: Apache-2.0
//
// One window from its first event to its newest.

/// What one window's thread, or threads one after the other, recorded.
struct WindowHistory {
  let ordinal: UInt32
  /// In the order of their sequence numbers.
  var sealed: [SealedEvents]
  /// The events behind those of the last of `sealed`.
  var live: WindowCopy?

  /// What may have events in a span; nil if nothing has.
  func part(from start: Ticks, through end: Ticks) -> WindowHistory? {
    var part = self
    part.sealed.removeAll { $0.lastTicks < start.rawValue || $0.firstTicks > end.rawValue }
    if let live, live.lastTicks < start.rawValue || live.firstTicks > end.rawValue {
      part.live = nil
    }
    return part.sealed.isEmpty && part.live == nil ? nil : part
  }

  /// Bytes of the file that hold its events.
  var byteCount: UInt64 {
    sealed.reduce(UInt64(live?.events.count ?? 0)) { $0 + UInt64($1.chunk.payloadByteCount) }
  }
}
