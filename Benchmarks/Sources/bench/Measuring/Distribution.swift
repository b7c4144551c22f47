// SPDX-License-Identifier: Apache-2.0
//
// The middle and the spread of repeated measurements. Medians and quartiles, because what disturbs
// a measurement on a shared machine only ever makes it longer.

/// Measurements of one thing.
struct Distribution: Equatable, Codable, Sendable {
  /// As measured, in the order of the rounds.
  let values: [Double]

  /// Measurements, or `nil` if there are none.
  init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    self.values = values
  }

  var median: Double { quantile(0.5) }
  var lowerQuartile: Double { quantile(0.25) }
  var upperQuartile: Double { quantile(0.75) }

  /// The value below which this share of the measurements lies, interpolated between neighbors.
  func quantile(_ share: Double) -> Double {
    let sorted = values.sorted()
    let place = share * Double(sorted.count - 1)
    let below = Int(place.rounded(.down))
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (sorted[above] - sorted[below]) * (place - Double(below))
  }
}
