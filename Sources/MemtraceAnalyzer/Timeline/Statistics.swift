// SPDX-License-Identifier: Apache-2.0
//
// The statistics that trends are judged with: robust ones, for memory moves in steps and has
// outliers, and a mean or a least-squares line would follow each of them.

import Glibc

/// Measures of lists of numbers; an empty list has 0 of everything.
enum Statistics {
  static func median(_ values: some Sequence<Double>) -> Double { quantile(values, 0.5) }

  /// Between the values where it falls between two.
  static func quantile(_ values: some Sequence<Double>, _ share: Double) -> Double {
    let sorted = values.sorted()
    guard let last = sorted.last else { return 0 }
    let place = share * Double(sorted.count - 1)
    let low = Int(place)
    guard low + 1 < sorted.count else { return last }
    return sorted[low] + (place - Double(low)) * (sorted[low + 1] - sorted[low])
  }

  /// The median distance from the median, scaled to be the standard deviation of normal noise.
  static func spread(_ values: [Double]) -> Double {
    let middle = median(values)
    return 1.4826 * median(values.map { abs($0 - middle) })
  }

  /// A line through a series.
  struct Line {
    /// A unit of value for each unit of time.
    var slope = 0.0
    var intercept = 0.0
    /// Within which the slope lies with a probability of 95 %, if the deviations are independent.
    var slopeRange = 0.0...0.0

    func value(at time: Double) -> Double { intercept + slope * time }
  }

  /// The line of Theil and Sen: the median of the slopes between all pairs of points, with Sen's
  /// range for it; up to 29 % of the points may be anywhere.
  ///
  /// - Complexity: O(n² log n).
  static func line(_ times: ArraySlice<Double>, _ values: ArraySlice<Double>) -> Line {
    let count = min(times.count, values.count)
    guard count > 1 else { return Line(slope: 0, intercept: values.first ?? 0) }
    var slopes: [Double] = []
    slopes.reserveCapacity(count * (count - 1) / 2)
    for left in 0..<count {
      let time = times[times.startIndex + left]
      let value = values[values.startIndex + left]
      for right in left + 1..<count where times[times.startIndex + right] > time {
        slopes.append(
          (values[values.startIndex + right] - value) / (times[times.startIndex + right] - time))
      }
    }
    guard !slopes.isEmpty else { return Line(slope: 0, intercept: median(values)) }
    slopes.sort()
    let slope = quantile(slopes, 0.5)
    let number = Double(count)
    let width = 1.96 * (number * (number - 1) * (2 * number + 5) / 18).squareRoot()
    let low = max(0, Int((Double(slopes.count) - width) / 2))
    let high = min(slopes.count - 1, Int((Double(slopes.count) + width) / 2))
    return Line(
      slope: slope, intercept: median(zip(times, values).map { $1 - slope * $0 }),
      slopeRange: min(slopes[low], slope)...max(slopes[high], slope))
  }

  /// The test of Mann and Kendall for a trend: how many standard deviations the number of pairs that
  /// rise, less those that fall, is away from what chance gives; ties are allowed for.
  static func trend(_ values: some Collection<Double>) -> Double {
    let values = Array(values)
    let count = values.count
    guard count > 2 else { return 0 }
    var sum = 0
    for left in 0..<count {
      for right in left + 1..<count {
        sum += values[right] > values[left] ? 1 : values[right] < values[left] ? -1 : 0
      }
    }
    let number = Double(count)
    var variance = number * (number - 1) * (2 * number + 5)
    var ties: [Double: Double] = [:]
    for value in values { ties[value, default: 0] += 1 }
    for tie in ties.values where tie > 1 { variance -= tie * (tie - 1) * (2 * tie + 5) }
    guard variance > 0, sum != 0 else { return 0 }
    // One step is taken off, as the sum moves in steps.
    return Double(sum > 0 ? sum - 1 : sum + 1) / (variance / 18).squareRoot()
  }

  /// The probability that chance alone gives a trend at least as strong, in either direction.
  static func probability(ofTrend deviations: Double) -> Double {
    erfc(abs(deviations) / 2.0.squareRoot())
  }

  /// Where two lines fit a series far better than one does, and how much: the first index of the
  /// second line, and the share of the squared deviations that is left.
  ///
  /// - Complexity: O(n).
  static func breakPoint(
    _ times: ArraySlice<Double>, _ values: ArraySlice<Double>, leastCount: Int
  ) -> (index: Int, remainder: Double)? {
    let times = Array(times)
    let values = Array(values)
    let count = times.count
    guard count >= 2 * leastCount, leastCount > 1 else { return nil }
    var sums = [Moments](repeating: Moments(), count: count + 1)
    for index in 0..<count { sums[index + 1] = sums[index].adding(times[index], values[index]) }
    let whole = sums[count].deviations
    guard whole > 0 else { return nil }
    var best: (index: Int, remainder: Double)?
    for index in leastCount...count - leastCount {
      let remainder = sums[index].deviations + sums[count].subtracting(sums[index]).deviations
      if remainder < (best?.remainder ?? .infinity) { best = (index, remainder) }
    }
    return best.map { ($0.index, $0.remainder / whole) }
  }

  /// Sums from which a line of least squares follows.
  private struct Moments {
    var count = 0.0
    var time = 0.0
    var value = 0.0
    var timeTime = 0.0
    var timeValue = 0.0
    var valueValue = 0.0

    func adding(_ x: Double, _ y: Double) -> Moments {
      Moments(
        count: count + 1, time: time + x, value: value + y, timeTime: timeTime + x * x,
        timeValue: timeValue + x * y, valueValue: valueValue + y * y)
    }

    func subtracting(_ other: Moments) -> Moments {
      Moments(
        count: count - other.count, time: time - other.time, value: value - other.value,
        timeTime: timeTime - other.timeTime, timeValue: timeValue - other.timeValue,
        valueValue: valueValue - other.valueValue)
    }

    /// Squared deviations from the best line.
    var deviations: Double {
      guard count > 0 else { return 0 }
      let xx = timeTime - time * time / count
      let xy = timeValue - time * value / count
      let yy = valueValue - value * value / count
      return max(0, xx > 0 ? yy - xy * xy / xx : yy)
    }
  }
}
