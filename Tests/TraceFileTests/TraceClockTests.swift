// SPDX-License-Identifier: Apache-2.0

import CTraceFormat
import MemtraceTestSupport
import Testing

@testable import TraceFile

@Suite struct TraceClockTests {
  @Test func monotonicTicksAreNanoseconds() throws {
    let clock = try TemporaryTrace(TraceBuilder()).open().clock
    #expect(clock.nanoseconds(at: Ticks(12_345)) == 12_345)
    #expect(clock.startMonotonicNanoseconds == TraceBuilder.startMonotonicNanoseconds)
    #expect(clock.startRealtimeNanoseconds == TraceBuilder.startRealtimeNanoseconds)
  }

  @Test func ticksOfACounterAreConverted() throws {
    let trace = TraceBuilder(clock: .tsc(ticksPerMicrosecond: 2500))
    let clock = try TemporaryTrace(trace).open().clock
    #expect(clock.nanoseconds(at: Ticks(2_500_000)) == 1_000_000)
    #expect(clock.ticks(atNanoseconds: 1_000_000) == Ticks(2_500_000))
    let instant = TraceBuilder.startMonotonicNanoseconds + 1_000_000
    #expect(clock.ticks(atMonotonicNanoseconds: instant) == Ticks(2_500_000))
    #expect(clock.startRealtimeNanoseconds == TraceBuilder.startRealtimeNanoseconds)
  }

  @Test func anInstantBeforeTheTraceIsItsStart() throws {
    let clock = try TemporaryTrace(TraceBuilder()).open().clock
    #expect(clock.ticks(atMonotonicNanoseconds: 5) == Ticks(0))
  }

  @Test func aLateSampleMakesARoughRateExact() throws {
    let trace = TraceBuilder(clock: .tsc(ticksPerMicrosecond: 2500))
    // Read a hundred nanoseconds late, fifty microseconds after the start: 0.2 % off.
    var late = trace.pair(at: 125_000)
    late.monotonic_nanoseconds += 100
    trace.setField(\.clock_pairs.1, late)
    let rough = try TemporaryTrace(trace).open().clock
    #expect(rough.nanoseconds(at: Ticks(2_500_000_000_000)) != 1_000_000_000_000)
    trace.sample(at: 2_500_000_000)
    let exact = try TemporaryTrace(trace).open().clock
    #expect(exact.nanoseconds(at: Ticks(2_500_000_000_000)) == 1_000_000_000_000)
  }

  @Test func aSampleThatContradictsTheHeaderIsNotUsed() throws {
    let trace = TraceBuilder(clock: .tsc(ticksPerMicrosecond: 2500))
    trace.sample(at: 2_500_000_000)
    // A rate that some processor may have, but not this one.
    var wrong = trace.pair(at: 5_000_000_000)
    wrong.monotonic_nanoseconds += 1_000_000_000
    trace.sample(wrong)
    let clock = try TemporaryTrace(trace).open().clock
    #expect(clock.nanoseconds(at: Ticks(2_500_000_000_000)) == 1_000_000_000_000)
  }

  @Test func aSampleTakenRightAtTheStartIsNotUsed() throws {
    let trace = TraceBuilder(clock: .tsc(ticksPerMicrosecond: 2500))
    // Nearer to the start than the header's second instant, and so the rougher of the two.
    var early = trace.pair(at: 25_000)
    early.monotonic_nanoseconds += 100
    trace.sample(early)
    let clock = try TemporaryTrace(trace).open().clock
    #expect(clock.nanoseconds(at: Ticks(2_500_000_000_000)) == 1_000_000_000_000)
  }

  @Test func samplesReplaceAHeaderThatTellsNothing() throws {
    let trace = TraceBuilder(clock: .tsc(ticksPerMicrosecond: 2500))
    trace.setField(\.clock_pairs.1, mt_clock_pair())
    trace.sample(at: 2_500_000)
    trace.sample(at: 2_500_000_000)
    let file = try TemporaryTrace(trace).open()
    #expect(file.clock.nanoseconds(at: Ticks(2_500_000_000_000)) == 1_000_000_000_000)
    #expect(file.clock.startRealtimeNanoseconds == TraceBuilder.startRealtimeNanoseconds)
    #expect(!file.damage.contains(.unusableClock))
  }

  @Test(arguments: [
    mt_clock_pair(ticks: 0, monotonic_nanoseconds: 0, realtime_nanoseconds: 0),
    mt_clock_pair(ticks: 5, monotonic_nanoseconds: .max, realtime_nanoseconds: .max),
    mt_clock_pair(ticks: .max, monotonic_nanoseconds: .max, realtime_nanoseconds: .max),
    mt_clock_pair(ticks: .max, monotonic_nanoseconds: 5, realtime_nanoseconds: .max),
  ])
  func aRateThatCannotBeIsDamageAndDividesByNothing(pair: mt_clock_pair) throws {
    let trace = TraceBuilder(clock: .tsc(ticksPerMicrosecond: 2500))
    trace.setField(\.clock_pairs.0, pair)
    trace.setField(\.clock_pairs.1, pair)
    trace.mark("m", atMonotonicNanoseconds: .max)
    let file = try TemporaryTrace(trace).open()
    #expect(file.damage == [.unusableClock])
    for ticks in [0, 1, UInt64.max / 3, .max] {
      _ = file.clock.nanoseconds(at: Ticks(ticks))
      _ = file.clock.ticks(atNanoseconds: ticks)
    }
  }

  @Test func timesBeyondAllBoundsAreTheLastInstantThereIs() {
    let fast = TraceClock(
      startRealtimeNanoseconds: 0, startMonotonicNanoseconds: 0, rateTicks: 1,
      rateNanoseconds: 100)
    #expect(fast.nanoseconds(at: Ticks(.max)) == .max)
    #expect(fast.nanoseconds(at: Ticks(UInt64.max / 100)) == UInt64.max / 100 * 100)
  }
}
