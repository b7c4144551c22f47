// SPDX-License-Identifier: Apache-2.0

import Testing
import TraceFile

@Suite struct XXHash64Tests {
  // The buffer and the values of xxHash's own sanity check:
  // https://github.com/Cyan4973/xxHash/blob/v0.8.2/cli/xsum_sanity_check.c
  private static let prime32: UInt64 = 2_654_435_761

  private static let sanityBuffer: [UInt8] = {
    var state = prime32
    return (0..<2367).map { _ in
      defer { state &*= 11_400_714_785_074_694_797 }
      return UInt8(truncatingIfNeeded: state >> 56)
    }
  }()

  @Test(
    arguments: [
      (0, 0, 0xEF46_DB37_51D8_E999), (0, prime32, 0xAC75_FDA2_929B_17EF),
      (1, 0, 0xE934_A84A_DB05_2768), (1, prime32, 0x5014_6076_43A9_B4C3),
      (4, 0, 0x9136_A0DC_A574_57EE), (4, prime32, 0xCAAB_286B_D8E9_FDB5),
      (14, 0, 0x8282_DCC4_994E_35C8), (14, prime32, 0xC3BD_6BF6_3DEB_6DF0),
      (222, 0, 0xB641_AE8C_B691_C174), (222, prime32, 0x20CB_8AB7_AE10_C14A),
    ] as [(Int, UInt64, UInt64)])
  func theHashIsThatOfTheReferenceImplementation(count: Int, seed: UInt64, expected: UInt64) {
    let hash = Self.sanityBuffer.prefix(count).withUnsafeBytes { XXHash64.hash($0, seed: seed) }
    #expect(hash == expected)
  }

  @Test func theHashOfTextIsThatOfTheReferenceImplementation() {
    let text = Array("Nobody inspects the spammish repetition".utf8)
    #expect(text.withUnsafeBytes { XXHash64.hash($0) } == 0xFBCE_A83C_8A37_8BF1)
    #expect(Array("abc".utf8).withUnsafeBytes { XXHash64.hash($0) } == 0x44BC_2CF5_AD77_0999)
  }

  @Test func theHashDoesNotDependOnWhereTheBytesLie() {
    let bytes = Array("some bytes that are longer than one stripe of thirty-two".utf8)
    let hash = bytes.withUnsafeBytes { XXHash64.hash($0) }
    for shift in 1..<8 {
      let shifted = [UInt8](repeating: 0, count: shift) + bytes
      #expect(shifted.withUnsafeBytes { XXHash64.hash(.init(rebasing: $0[shift...])) } == hash)
    }
  }
}
