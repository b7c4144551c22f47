// SPDX-License-Identifier: Apache-2.0
//
// From ticks to nanoseconds and back.

/// The clock of one trace: a straight line through two instants known on both clocks.
package struct TraceClock: Hashable, Sendable {
  /// When tick 0 was, since 1970.
  package let startRealtimeNanoseconds: UInt64
  /// When tick 0 was, on CLOCK_MONOTONIC.
  package let startMonotonicNanoseconds: UInt64
  /// `rateTicks` ticks take `rateNanoseconds` nanoseconds; neither is 0.
  let rateTicks: UInt64
  let rateNanoseconds: UInt64

  /// A clock whose ticks are nanoseconds.
  package init(startRealtimeNanoseconds: UInt64 = 0, startMonotonicNanoseconds: UInt64 = 0) {
    self.init(
      startRealtimeNanoseconds: startRealtimeNanoseconds,
      startMonotonicNanoseconds: startMonotonicNanoseconds, rateTicks: 1, rateNanoseconds: 1)
  }

  init(
    startRealtimeNanoseconds: UInt64, startMonotonicNanoseconds: UInt64, rateTicks: UInt64,
    rateNanoseconds: UInt64
  ) {
    self.startRealtimeNanoseconds = startRealtimeNanoseconds
    self.startMonotonicNanoseconds = startMonotonicNanoseconds
    self.rateTicks = rateTicks
    self.rateNanoseconds = rateNanoseconds
  }

  /// Nanoseconds from the start of the trace to `ticks`.
  package func nanoseconds(at ticks: Ticks) -> UInt64 {
    Self.scaled(ticks.rawValue, by: rateNanoseconds, over: rateTicks)
  }

  /// The instant that lies `nanoseconds` behind the start of the trace.
  package func ticks(atNanoseconds nanoseconds: UInt64) -> Ticks {
    Ticks(Self.scaled(nanoseconds, by: rateTicks, over: rateNanoseconds))
  }

  /// The instant of a reading of CLOCK_MONOTONIC; tick 0 for one from before the trace.
  package func ticks(atMonotonicNanoseconds nanoseconds: UInt64) -> Ticks {
    guard nanoseconds > startMonotonicNanoseconds else { return Ticks(0) }
    return ticks(atNanoseconds: nanoseconds - startMonotonicNanoseconds)
  }

  /// `value * numerator / denominator`, or the highest value there is.
  private static func scaled(
    _ value: UInt64, by numerator: UInt64, over denominator: UInt64
  ) -> UInt64 {
    let product = value.multipliedFullWidth(by: numerator)
    guard product.high < denominator else { return .max }
    return denominator.dividingFullWidth(product).quotient
  }
}
