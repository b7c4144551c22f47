// SPDX-License-Identifier: Apache-2.0
//
// Finds the sites that go on growing among all sites. What counts is the level below which a site
// does not fall: churn moves above it, a leak raises it, and a cache, a pool or a table that is
// built once raises it only for a time.

import TraceFile

/// Judges series of sites on one grid of instants.
struct GrowthFinder {
  /// Parts of the time of each of which the lowest value is taken.
  private static let bucketCount = 32
  /// Growth must stand out this many times from what deviates from its line.
  private static let leastClarity = 3.0
  /// The part of the time, at its end, that must show the growth by itself.
  private static let laterShare = 0.6
  /// Of how many parts of that the lowest values must show it.
  private static let laterCount = 10
  /// What is looked at closely: so many candidates, those that grew most.
  private static let candidateLimit = 4000

  /// In seconds.
  let times: [Double]
  /// Places of the grid's instants in the history.
  let places: [Int]

  /// Sites that grow, the fastest first.
  func growing(_ sites: [SiteSeries]) -> [(site: SiteSeries, pattern: GrowthPattern)] {
    guard let first = places.first, let last = places.last, places.count > 2 else { return [] }
    let third = places[places.count / 3]
    let candidates = sites.lazy.enumerated().compactMap { index, site -> (Int, UInt64)? in
      // Most sites change seldom: two values tell that they do not grow.
      guard site.changes.count > 2 else { return nil }
      let end = site.amount(at: last).byteCount
      let middle = site.amount(at: third).byteCount
      let start = site.amount(at: first).byteCount
      guard end > start, end > middle || site.changes.count > 8 else { return nil }
      return (index, end - start)
    }
    let largest = candidates.sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0 < $1.0 }
      .prefix(Self.candidateLimit)
    return largest.compactMap { index, _ in
      pattern(of: sites[index]).map { (sites[index], $0) }
    }
    .sorted { $0.1.bytesPerHour > $1.1.bytesPerHour }
  }

  private func pattern(of site: SiteSeries) -> GrowthPattern? {
    let amounts = site.amounts(count: (places.last ?? 0) + 1)
    let values = places.map { Double(amounts[$0].byteCount) }
    let count = amounts.last?.count ?? 0
    let block = count > 0 ? Double(amounts.last?.byteCount ?? 0) / Double(count) : 0
    return pattern(of: values, tolerance: max(256, 2 * block))
  }

  /// The pattern of what grows; nil for what does not.
  func pattern(of values: [Double], tolerance: Double) -> GrowthPattern? {
    let (times, lows) = lows(values)
    let classifier = PatternClassifier(times: times, values: lows, tolerance: tolerance)
    let pattern = classifier.pattern()
    guard pattern.grows else { return nil }
    let isLater =
      pattern.kind == .sawtooth ? sawtoothGrows(values, pattern) : growsLater(times, lows)
    return isLater ? pattern : nil
  }

  /// Whether the later part alone shows the growth: what fills early and moves since may look like a
  /// climb, as blocks that live long make neighboring values alike.
  private func growsLater(_ times: [Double], _ lows: [Double]) -> Bool {
    let start = Int(Double(lows.count) * (1 - Self.laterShare))
    let line = Statistics.line(times[start...], lows[start...])
    let rise = line.slope * ((times.last ?? 0) - times[start])
    let trend = Statistics.trend(floors(lows[start...]))
    guard rise > 0, trend > 0,
      Statistics.probability(ofTrend: trend) < PatternClassifier.significance
    else { return false }
    let deviations = (start..<lows.count).map { lows[$0] - line.value(at: times[$0]) }
    return rise > Self.leastClarity * Statistics.spread(deviations)
  }

  /// The lowest of a few neighbors each, where there are many: neighbors have blocks in common, and
  /// then chance makes a trend more often than the test of it thinks.
  private func floors(_ lows: ArraySlice<Double>) -> [Double] {
    let stride = max(1, lows.count / Self.laterCount)
    return Swift.stride(from: lows.startIndex, to: lows.endIndex, by: stride).map { start in
      lows[start..<min(start + stride, lows.endIndex)].min() ?? 0
    }
  }

  /// The same of a sawtooth, whose later part is too few teeth to be significant: its troughs must
  /// rise, all of its values, and the later ones at nearly the same rate.
  private func sawtoothGrows(_ values: [Double], _ pattern: GrowthPattern) -> Bool {
    let start = Int(Double(values.count) * (1 - Self.laterShare))
    let later = Statistics.line(times[start...], values[start...])
    let trend = Statistics.trend(values)
    return pattern.excursionCount >= 5 && pattern.trendProbability < 0.05 && trend > 0
      && Statistics.probability(ofTrend: trend) < PatternClassifier.significance
      && later.slope * 3600 > 0.4 * pattern.bytesPerHour
  }

  /// The lowest value of each part of the time.
  private func lows(_ values: [Double]) -> ([Double], [Double]) {
    guard values.count >= 2 * Self.bucketCount else { return (times, values) }
    var lowTimes: [Double] = []
    var lows: [Double] = []
    for bucket in 0..<Self.bucketCount {
      let range =
        bucket * values.count / Self.bucketCount..<(bucket + 1) * values.count / Self.bucketCount
      lowTimes.append((times[range.lowerBound] + times[range.upperBound - 1]) / 2)
      lows.append(values[range].min() ?? 0)
    }
    return (lowTimes, lows)
  }
}
