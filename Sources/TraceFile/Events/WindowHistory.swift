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

  /// Bytes of the file that hold its events.
  var byteCount: UInt64 {
    sealed.reduce(UInt64(live?.events.count ?? 0)) { $0 + UInt64($1.chunk.payloadByteCount) }
  }
}
