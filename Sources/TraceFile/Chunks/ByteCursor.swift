// SPDX-License-Identifier: Apache-2.0
//
// Reads a chunk's content from front to back. Nothing in it is believed: whatever would reach
// beyond the end gives nil.

/// A place in some bytes, and checked steps forward.
///
/// It lives no longer than the bytes.
struct ByteCursor {
  private let bytes: UnsafeRawBufferPointer
  private(set) var offset = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  var remainingByteCount: Int { bytes.count - offset }

  /// The next `MemoryLayout<Record>.size` bytes as one of the format's structs.
  mutating func next<Record: BitwiseCopyable>(_ type: Record.Type) -> Record? {
    guard let part = next(byteCount: MemoryLayout<Record>.size) else { return nil }
    return part.loadUnaligned(as: Record.self)
  }

  /// The next `byteCount` bytes.
  mutating func next(byteCount: some BinaryInteger) -> UnsafeRawBufferPointer? {
    guard let count = Int(exactly: byteCount), count >= 0, count <= remainingByteCount else {
      return nil
    }
    defer { offset += count }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
  }

  /// The next `byteCount` bytes as text; what is not UTF-8 in them is replaced.
  mutating func nextText(byteCount: some BinaryInteger) -> String? {
    next(byteCount: byteCount).map { String(decoding: $0, as: UTF8.self) }
  }
}
