// SPDX-License-Identifier: Apache-2.0
//
// How an amount of memory moved over time, as one value without text.

/// The shape of a series.
package struct GrowthPattern: Hashable, Sendable {
  /// The shapes there are; docs/timeline.md says how one is told from another.
  package enum Kind: String, CaseIterable, Sendable {
    case flat
    case steadyClimb = "steady-climb"
    case sawtooth
    case spike
    case plateauThenSpike = "plateau-then-spike"
    case oneTime = "one-time"
  }

  package var kind: Kind
  /// Of a sawtooth: whether the lowest points between its teeth rise.
  package var baselineRises = false
  /// How fast it grows where it grows to the end; 0 for what stopped, comes back, or never grew.
  package var bytesPerHour = 0.0
  /// Within which the rate lies with a probability of 95 %, if the deviations are independent.
  package var rateRange = 0.0...0.0
  /// 0 to 1: how well the series bears the shape and the rate out.
  package var confidence = 0.0
  /// From where on it grows, or until when it grew; nil where that is the start.
  package var turnNanoseconds: UInt64?
  /// At the start and at the end of what was looked at: medians, so that one odd value is none.
  package var startBytes = 0.0
  package var endBytes = 0.0
  /// The highest value, and when.
  package var peakBytes = 0.0
  package var peakNanoseconds: UInt64 = 0
  /// Teeth, of a sawtooth; excursions, of a spike.
  package var excursionCount = 0
  /// Two-sided, of Mann and Kendall's test on the part that decided.
  package var trendProbability = 1.0

  package init(_ kind: Kind) {
    self.kind = kind
  }

  /// Whether there were instants enough to have a shape.
  package var isKnown: Bool { kind != .flat || confidence > 0 }

  /// Whether it goes on growing.
  package var grows: Bool {
    switch kind {
    case .steadyClimb: true
    case .sawtooth: baselineRises
    case .flat, .spike, .plateauThenSpike, .oneTime: false
    }
  }
}
