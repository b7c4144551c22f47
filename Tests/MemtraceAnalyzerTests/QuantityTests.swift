// SPDX-License-Identifier: Apache-2.0
//
// Numbers as people read them.

import Testing

@testable import MemtraceAnalyzer

@Suite struct QuantityTests {
  @Test(
    arguments: [
      (0, "0 B"), (1, "1 B"), (1023, "1,023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"),
      (1_048_524, "1,023.9 KiB"), (1_048_575, "1.0 MiB"), (1 << 20, "1.0 MiB"),
      (13_001_728, "12.4 MiB"), (1 << 40, "1.0 TiB"), (.max, "16.0 EiB"),
    ] as [(UInt64, String)])
  func bytesAreRoundedToATenth(number: UInt64, text: String) {
    #expect(Quantity.bytes(number) == text)
  }

  @Test func exactBytesAreNotRounded() {
    #expect(Quantity.bytes(13_001_728, exactly: true) == "13,001,728 B")
    #expect(Quantity.bytes(.max, exactly: true) == "18,446,744,073,709,551,615 B")
  }

  @Test func countsAgreeWithTheirNouns() {
    #expect(Quantity.count(1, "block") == "1 block")
    #expect(Quantity.count(0, "block") == "0 blocks")
    #expect(Quantity.count(1234, "process", "processes") == "1,234 processes")
  }

  @Test(
    arguments: [
      (0, "0 s"), (1500, "0.002 ms"), (1_500_000, "1.5 ms"), (820_000_000, "820 ms"),
      (999_400_000, "999 ms"), (999_600_000, "1.00 s"), (2_434_000_000, "2.43 s"),
      (200_000_000_000, "3 min 20 s"), (7_500_000_000_000, "2 h 5 min"),
      (.max, "5,124,095 h 34 min"),
    ] as [(UInt64, String)])
  func durationsHaveTheUnitThatFits(nanoseconds: UInt64, text: String) {
    #expect(Quantity.duration(nanoseconds) == text)
  }

  @Test func sharesNeverClaimAllOrNothing() {
    #expect(Quantity.share(0, of: 10) == "0.0 %")
    #expect(Quantity.share(10, of: 10) == "100 %")
    #expect(Quantity.share(99_999, of: 100_000) == "99.9 %")
    #expect(Quantity.share(1, of: 1_000_000) == "<0.1 %")
    #expect(Quantity.share(1, of: 3) == "33.3 %")
    #expect(Quantity.share(1, of: 0) == "0 %")
  }
}
