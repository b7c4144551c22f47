// SPDX-License-Identifier: Apache-2.0
//
// Tells whether a cache file is as it was written. Not against anyone's will: the folder is the
// user's own.

enum Checksum {
  /// A 64-bit hash, 8 bytes a step.
  static func of(_ bytes: some Collection<UInt8>) -> UInt64 {
    let hash = bytes.withContiguousStorageIfAvailable { of(UnsafeRawBufferPointer($0)) }
    return hash ?? Array(bytes).withUnsafeBytes { of($0) }
  }

  private static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash = 0xcbf2_9ce4_8422_2325 ^ UInt64(bytes.count)
    var offset = 0
    while offset + 8 <= bytes.count {
      mix(&hash, bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian)
      offset += 8
    }
    for byte in bytes[offset...] { mix(&hash, UInt64(byte)) }
    return hash
  }

  private static func mix(_ hash: inout UInt64, _ word: UInt64) {
    hash = (hash ^ word) &* 0x9e37_79b9_7f4a_7c15
    hash ^= hash >> 29
  }
}
