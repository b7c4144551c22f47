// SPDX-License-Identifier: Apache-2.0
//
// XXH64, the checksum of sealed chunks.
// https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md

/// XXH64 over bytes that lie in memory as a whole.
package enum XXHash64 {
  private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

  /// The hash of `bytes`.
  /// - Complexity: O(n), several bytes a nanosecond.
  package static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
    let count = bytes.count
    var offset = 0
    var hash: UInt64
    if count >= 32 {
      hash = stripes(bytes, seed: seed, offset: &offset)
    } else {
      hash = seed &+ prime5
    }
    hash &+= UInt64(count)
    while offset + 8 <= count {
      hash ^= round(0, word(bytes, offset))
      hash = rotated(hash, 27) &* prime1 &+ prime4
      offset += 8
    }
    if offset + 4 <= count {
      let half = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      hash ^= UInt64(half) &* prime1
      hash = rotated(hash, 23) &* prime2 &+ prime3
      offset += 4
    }
    while offset < count {
      hash ^= UInt64(bytes[offset]) &* prime5
      hash = rotated(hash, 11) &* prime1
      offset += 1
    }
    hash = (hash ^ hash >> 33) &* prime2
    hash = (hash ^ hash >> 29) &* prime3
    return hash ^ hash >> 32
  }

  /// Four sums over all whole groups of 32 bytes; leaves `offset` behind them.
  private static func stripes(
    _ bytes: UnsafeRawBufferPointer, seed: UInt64, offset: inout Int
  ) -> UInt64 {
    var sum1 = seed &+ prime1 &+ prime2
    var sum2 = seed &+ prime2
    var sum3 = seed
    var sum4 = seed &- prime1
    while offset + 32 <= bytes.count {
      sum1 = round(sum1, word(bytes, offset))
      sum2 = round(sum2, word(bytes, offset + 8))
      sum3 = round(sum3, word(bytes, offset + 16))
      sum4 = round(sum4, word(bytes, offset + 24))
      offset += 32
    }
    var hash =
      rotated(sum1, 1) &+ rotated(sum2, 7) &+ rotated(sum3, 12) &+ rotated(sum4, 18)
    for sum in [sum1, sum2, sum3, sum4] {
      hash = (hash ^ round(0, sum)) &* prime1 &+ prime4
    }
    return hash
  }

  @inline(__always)
  private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  @inline(__always)
  private static func round(_ sum: UInt64, _ word: UInt64) -> UInt64 {
    rotated(sum &+ word &* prime2, 31) &* prime1
  }

  @inline(__always)
  private static func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 {
    value << bits | value >> (64 - bits)
  }
}
