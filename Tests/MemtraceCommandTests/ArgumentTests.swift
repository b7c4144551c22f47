// SPDX-License-Identifier: Apache-2.0
//
// What people type: sizes, times, ends of spans.

import MemtraceAnalyzer
import Testing

@testable import memtrace

@Suite struct ArgumentTests {
  @Test(
    arguments: [
      ("0", 0), ("4096", 4096), ("18446744073709551615", .max), ("16M", 16 << 20),
      ("16MiB", 16 << 20), ("16 MB", 16 << 20), ("1.5k", 1536), ("2g", 2 << 30), ("1T", 1 << 40),
      ("100b", 100),
    ] as [(String, UInt64)])
  func sizesAreUnderstood(text: String, byteCount: UInt64) {
    #expect(ByteSize(argument: text)?.byteCount == byteCount)
  }

  @Test(arguments: ["", "M", "-1", "1x", "1.2.3", "big", "99999999999T", "1e9", "nan", "0x10"])
  func whatIsNoSizeIsRefused(text: String) {
    #expect(ByteSize(argument: text) == nil)
  }

  @Test(
    arguments: [
      ("0", 0), ("1.5s", 1_500_000_000), ("200ms", 200_000_000), ("2m", 120_000_000_000),
      ("3", 3_000_000_000), ("7us", 7000), ("9ns", 9), ("1h", 3_600_000_000_000),
      (".5s", 500_000_000),
    ] as [(String, UInt64)])
  func timesAreUnderstood(text: String, nanoseconds: UInt64) {
    #expect(TimeSpan(argument: text)?.nanoseconds == nanoseconds)
  }

  @Test(arguments: ["", "s", "-1s", "1 fortnight", "1.2.3s", "soon", "99999999999h"])
  func whatIsNoTimeIsRefused(text: String) {
    #expect(TimeSpan(argument: text) == nil)
  }

  @Test func anEndOfASpanIsATimeOrAMark() {
    #expect(TimeBoundArgument(argument: "1.5s")?.bound == .nanoseconds(1_500_000_000))
    #expect(TimeBoundArgument(argument: "loaded")?.bound == .mark("loaded"))
    #expect(TimeBoundArgument(argument: "2 requests")?.bound == .mark("2 requests"))
    #expect(TimeBoundArgument(argument: "mark:2m")?.bound == .mark("2m"))
    #expect(TimeBoundArgument(argument: "") == nil)
  }
}
