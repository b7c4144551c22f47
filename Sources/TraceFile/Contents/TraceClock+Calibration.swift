// SPDX-License-Identifier: Apache-2.0
//
// How long a tick is, from the instants that a trace holds on two clocks.

import CTraceFormat

extension TraceClock {
  /// The clock of a trace with this header and these instants of its samples, in order of time;
  /// `nil` if they do not tell how long a tick is.
  ///
  /// The header's two instants lie close together, so their rate is rough; a later one of a
  /// sample that agrees with it roughly makes it exact.
  init?(_ header: FileHeader, samples: [mt_clock_pair]) {
    let (first, second) = header.clockPairs
    guard !header.ticksAreNanoseconds else {
      let start = header.startTicks
      self.init(
        through: first, startMonotonicNanoseconds: start, rate: Rate(ticks: 1, nanoseconds: 1))
      return
    }
    let origin: mt_clock_pair
    let rough: Rate
    if let rate = Rate(from: first, to: second) {
      (origin, rough) = (first, rate)
    } else if let pair = samples.first, let last = samples.last,
      let rate = Rate(from: pair, to: last)
    {
      (origin, rough) = (pair, rate)
    } else {
      return nil
    }
    let exact = samples.reversed().lazy.compactMap { Rate(from: origin, to: $0) }
      .first { $0.nanoseconds > rough.nanoseconds && $0.agrees(with: rough) }
    self.init(through: origin, startMonotonicNanoseconds: nil, rate: exact ?? rough)
  }

  private init(
    through pair: mt_clock_pair, startMonotonicNanoseconds: UInt64?, rate: Rate
  ) {
    let unplaced = TraceClock(
      startRealtimeNanoseconds: 0, startMonotonicNanoseconds: 0, rateTicks: rate.ticks,
      rateNanoseconds: rate.nanoseconds)
    let sinceStart = unplaced.nanoseconds(at: Ticks(pair.ticks))
    self.init(
      startRealtimeNanoseconds: pair.realtime_nanoseconds.subtractingOrZero(sinceStart),
      startMonotonicNanoseconds: startMonotonicNanoseconds
        ?? pair.monotonic_nanoseconds.subtractingOrZero(sinceStart),
      rateTicks: rate.ticks, rateNanoseconds: rate.nanoseconds)
  }
}

/// `ticks` of a clock that take `nanoseconds`; both above 0, and such as a processor may have.
private struct Rate {
  let ticks: UInt64
  let nanoseconds: UInt64

  init(ticks: UInt64, nanoseconds: UInt64) {
    self.ticks = ticks
    self.nanoseconds = nanoseconds
  }

  init?(from first: mt_clock_pair, to second: mt_clock_pair) {
    guard first.ticks < second.ticks, first.monotonic_nanoseconds < second.monotonic_nanoseconds
    else { return nil }
    ticks = second.ticks - first.ticks
    nanoseconds = second.monotonic_nanoseconds - first.monotonic_nanoseconds
    // Time stamp counters run at 10 MHz to 10 GHz.
    guard (0.01...10).contains(ticksPerNanosecond) else { return nil }
  }

  var ticksPerNanosecond: Double { Double(ticks) / Double(nanoseconds) }

  /// Within what reading two clocks one after the other, shortly after the start, may be off.
  func agrees(with rough: Rate) -> Bool {
    (0.95...1.05).contains(ticksPerNanosecond / rough.ticksPerNanosecond)
  }
}

extension UInt64 {
  fileprivate func subtractingOrZero(_ other: UInt64) -> UInt64 { self > other ? self - other : 0 }
}
