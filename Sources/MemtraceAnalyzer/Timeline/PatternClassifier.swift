// SPDX-License-Identifier: Apache-2.0
//
// Tells the shapes of series apart. Each question is asked of what the ones before it left, in the
// order of docs/timeline.md, which has the reasons for every threshold here.

/// A series on its way to its pattern.
struct PatternClassifier {
  /// In seconds, ascending.
  let times: [Double]
  let values: [Double]
  /// Highest values around each instant, where they are known better than by `values`.
  let peaks: [Double]
  /// What is less than this is no change.
  let tolerance: Double

  /// Fewer instants show no shape.
  static let leastCount = 8
  /// Share of the time that a spike may last at half its height: what comes back may take longer.
  private static let spikeShare = 0.4
  private static let openSpikeShare = 0.2
  /// What comes back to within this share of the height has come back.
  private static let returnShare = 0.25
  /// Parts of the range that one fall of a sawtooth must have.
  private static let toothShare = 0.2
  private static let leastTeeth = 3
  /// Share of the time that must be flat at the end for growth to have stopped.
  private let settledShare: Double
  /// A trend that chance gives less often than this is one.
  static let significance = 0.01

  init(
    times: [Double], values: [Double], peaks: [Double]? = nil, tolerance: Double,
    settledShare: Double = 0.3
  ) {
    self.times = times
    self.settledShare = settledShare
    self.values = values
    self.peaks = peaks ?? values
    self.tolerance = tolerance
  }

  private var count: Int { values.count }
  private var duration: Double { (times.last ?? 0) - (times.first ?? 0) }
  private var lowest: Double { values.min() ?? 0 }
  private var highest: Double { max(values.max() ?? 0, peaks.max() ?? 0) }
  private var range: Double { highest - lowest }

  func pattern() -> GrowthPattern {
    var pattern = shape()
    let edge = max(1, count / 20)
    pattern.startBytes = Statistics.median(values.prefix(edge))
    pattern.endBytes = Statistics.median(values.suffix(edge))
    if let top = peaks.indices.max(by: { peaks[$0] < peaks[$1] }) {
      pattern.peakBytes = peaks[top]
      pattern.peakNanoseconds = Self.nanoseconds(times[top])
    }
    return pattern
  }

  private func shape() -> GrowthPattern {
    guard count >= Self.leastCount, duration > 0 else { return GrowthPattern(.flat) }
    guard range > tolerance else { return flat() }
    return spike() ?? sawtooth() ?? settled() ?? climb() ?? flat()
  }

  private func flat() -> GrowthPattern {
    var pattern = GrowthPattern(.flat)
    // What moves within its tolerance is flat for certain, what moves beyond it without a trend less.
    let usual = Statistics.quantile(values, 0.95) - Statistics.quantile(values, 0.05)
    pattern.confidence = usual <= tolerance ? 0.95 : max(0.3, 0.95 * tolerance / usual)
    pattern.trendProbability = Statistics.probability(ofTrend: Statistics.trend(thinned(values)))
    return pattern
  }

  // MARK: Spikes

  /// A short excursion far above what was before, and what is after it.
  private func spike() -> GrowthPattern? {
    let base = Statistics.median(values)
    let height = highest - base
    guard height > 2 * tolerance, height > base - lowest, height > 0.25 * highest else {
      return nil
    }
    let isHigh = peaks.map { $0 > base + height / 2 }
    let runs = Self.runs(of: isHigh)
    let share = Double(isHigh.count { $0 }) / Double(count)
    guard share <= Self.spikeShare, runs.count < Self.leastTeeth, let last = runs.last,
      let top = runs.max(by: { highestPeak(in: $0) < highestPeak(in: $1) })
    else { return nil }
    // The flanks are part of the excursion: a spike takes time to rise and to fall.
    let flank = max(1, count / 25)
    let before = values[..<max(0, top.lowerBound - flank)]
    let after = values[min(count, last.upperBound + flank)...]
    let isOpen = last.upperBound >= count - 1
    if isOpen, share > Self.openSpikeShare { return nil }
    if !isOpen, after.count > 2, Statistics.median(after) > base + Self.returnShare * height {
      return nil
    }
    if before.count > 2, before.count + after.count >= count / 2,
      spread(of: before) + spread(of: after) > 2 * Self.returnShare * height
    {
      // No rest to stand out from.
      return nil
    }
    let plateau = plateau(in: before, height: height)
    guard isOpen || plateau || after.count > 0 else { return nil }
    if isOpen, before.count < count / 2 { return nil }
    var pattern = GrowthPattern(isOpen || plateau ? .plateauThenSpike : .spike)
    pattern.excursionCount = runs.count
    pattern.turnNanoseconds = Self.nanoseconds(times[top.lowerBound])
    pattern.confidence = min(0.99, 1 - 0.5 * spread(of: before) / height - 0.5 * share)
    return pattern
  }

  /// Whether what came before a spike rose to a level and stayed there, rather than having been
  /// there always.
  private func plateau(in before: ArraySlice<Double>, height: Double) -> Bool {
    guard before.count >= max(6, count / 4), let first = before.first else { return false }
    let level = Statistics.median(before.suffix(before.count / 2))
    let rise = level - min(first, Statistics.median(before.prefix(max(1, before.count / 20))))
    return rise > max(2 * tolerance, 0.1 * height, 0.2 * level)
      && spread(of: before.suffix(before.count / 2)) < 0.25 * rise
  }

  private func spread(of values: ArraySlice<Double>) -> Double {
    Statistics.quantile(values, 0.9) - Statistics.quantile(values, 0.1)
  }

  private func highestPeak(in run: Range<Int>) -> Double { peaks[run].max() ?? 0 }

  /// Stretches in which a condition holds.
  private static func runs(of flags: [Bool]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    for (index, flag) in flags.enumerated() where flag {
      if let last = runs.last, last.upperBound == index {
        runs[runs.count - 1] = last.lowerBound..<index + 1
      } else {
        runs.append(index..<index + 1)
      }
    }
    return runs
  }

  // MARK: Teeth

  /// Climbs and falls again and again, by a good part of its range each time.
  private func sawtooth() -> GrowthPattern? {
    let troughs = troughs(
      fall: max(tolerance, Self.toothShare * (values.max() ?? 0) - Self.toothShare * lowest))
    guard troughs.count >= Self.leastTeeth else { return nil }
    let troughTimes = troughs.map { times[$0] }
    let lows = troughs.map { values[$0] }
    let line = Statistics.line(troughTimes[...], lows[...])
    let rise = line.slope * ((troughTimes.last ?? 0) - (troughTimes.first ?? 0))
    let trend = Statistics.trend(lows)
    let tooth = Statistics.median(teeth(troughs))
    // A handful of troughs cannot be significant; then every one must be above the one before.
    let isOrdered = zip(lows, lows.dropFirst()).allSatisfy { $1 > $0 }
    let isTrend = Statistics.probability(ofTrend: trend) < 0.05 || isOrdered
    var pattern = GrowthPattern(.sawtooth)
    pattern.excursionCount = troughs.count
    pattern.baselineRises = rise > max(tolerance, 0.1 * tooth) && trend > 0 && isTrend
    pattern.trendProbability = Statistics.probability(ofTrend: trend)
    if pattern.baselineRises {
      setRate(topLine(troughs, near: line) ?? line, of: &pattern)
      pattern.confidence = min(0.95, max(0.4, confidence(in: line)) * (isOrdered ? 1 : 0.8))
    } else {
      pattern.confidence = min(0.95, 0.5 + 0.05 * Double(troughs.count))
    }
    return pattern
  }

  /// The lowest points behind each fall of `fall` or more; the last one need not have risen again.
  private func troughs(fall: Double) -> [Int] {
    var troughs: [Int] = []
    var high = 0
    var low = 0
    var isFalling = false
    for index in values.indices {
      if isFalling {
        if values[index] < values[low] { low = index }
        if values[index] - values[low] >= fall {
          troughs.append(low)
          isFalling = false
          high = index
        }
      } else {
        if values[index] > values[high] { high = index }
        if values[high] - values[index] >= fall {
          isFalling = true
          low = index
        }
      }
    }
    if isFalling { troughs.append(low) }
    return troughs
  }

  /// The line through the tops of the teeth, which rise as the baseline does where teeth are alike.
  ///
  /// Peaks are known exactly. A lowest point is not: at the instant behind it the next tooth may
  /// have begun to rise, and by so much the line through the tops may be off the baseline's range.
  private func topLine(_ troughs: [Int], near baseline: Statistics.Line) -> Statistics.Line? {
    let tops = zip(troughs, troughs.dropFirst()).compactMap { start, end in
      (start + 1...max(start + 1, end)).max { peaks[$0] < peaks[$1] }
    }
    guard tops.count >= Self.leastTeeth else { return nil }
    let line = Statistics.line(tops.map { times[$0] }[...], tops.map { peaks[$0] }[...])
    let slack = usualRise() / max(1e-9, times[troughs[troughs.count - 1]] - times[troughs[0]])
    let range = baseline.slopeRange
    return range.lowerBound - slack <= line.slope && line.slope <= range.upperBound + slack
      ? line : nil
  }

  /// By how much a tooth rises from one instant to the next.
  private func usualRise() -> Double {
    Statistics.median(zip(values, values.dropFirst()).map { $1 - $0 }.filter { $0 > 0 })
  }

  /// How high each tooth stands over the trough behind it.
  private func teeth(_ troughs: [Int]) -> [Double] {
    var start = 0
    return troughs.map { trough in
      let top = values[start...trough].max() ?? 0
      start = trough
      return top - values[trough]
    }
  }

  // MARK: Growth

  /// Grew, and then did not.
  private func settled() -> GrowthPattern? {
    guard let index = settlingIndex() else { return nil }
    let tail = values[index...]
    let rise = Statistics.median(tail) - Statistics.median(values.prefix(max(1, count / 20)))
    guard rise > tolerance, Double(count - index) >= settledShare * Double(count) else {
      return nil
    }
    var pattern = GrowthPattern(.oneTime)
    pattern.turnNanoseconds = Self.nanoseconds(times[index])
    pattern.confidence = min(
      0.95, (1 - tailGrowth(index) / rise) * min(1, 0.6 + Double(count - index) / Double(count)))
    pattern.trendProbability = Statistics.probability(
      ofTrend: Statistics.trend(thinned(Array(tail))))
    return pattern
  }

  /// The first instant from which on the series holds its level.
  private func settlingIndex() -> Int? {
    let level = Statistics.median(values.suffix(max(3, Int(settledShare * Double(count)))))
    let slack = 0.1 * (level - lowest)
    let margin = max(tolerance, slack)
    guard level - lowest > tolerance,
      let index = values.firstIndex(where: { $0 >= level - margin }), count - index >= 4
    else { return nil }
    // What rises slower than before, but would double what it has within ten times the time, grows.
    let tail = tailGrowth(index)
    let share = Double(count - index) / Double(count)
    guard tail <= margin || tail < 0.05 * share * (level - lowest) else { return nil }
    // The tolerance is what may come and go; what rises at every look is neither.
    if tail > slack, risesClearly(from: index) { return nil }
    // The level is held over half of the tail and more, not passed through by a steady climb.
    let expected = (level - lowest) * share / max(0.01, 1 - share)
    return tail < 0.35 * expected && share >= settledShare ? index : nil
  }

  /// By how much the line through what comes from `index` on rises.
  private func tailGrowth(_ index: Int) -> Double {
    let line = Statistics.line(times[index...], values[index...])
    return max(0, line.slope * ((times.last ?? 0) - times[index]))
  }

  /// Grows to the end.
  private func climb() -> GrowthPattern? {
    if let turn = Statistics.breakPoint(times[...], values[...], leastCount: max(4, count / 10)),
      turn.remainder < 0.4, turn.index >= count / 5, count - turn.index >= count / 5
    {
      let before = Statistics.line(times[..<turn.index], values[..<turn.index])
      let after = Statistics.line(times[turn.index...], values[turn.index...])
      // From where on it grows at its present rate, where that is not its rate from the start.
      if after.slope > 0, before.slope < 0.25 * after.slope || before.slope > 4 * after.slope,
        var pattern = climb(from: turn.index)
      {
        pattern.turnNanoseconds = Self.nanoseconds(times[turn.index])
        // The shorter it has gone on, the less it says of what is to come.
        pattern.confidence *= min(1, 0.5 + Double(count - turn.index) / Double(count))
        return pattern
      }
    }
    return climb(from: count / 20)
  }

  private func climb(from start: Int) -> GrowthPattern? {
    let line = Statistics.line(times[start...], values[start...])
    let rise = line.slope * ((times.last ?? 0) - times[start])
    guard rise > tolerance, let probability = probability(thatChanceGives: line, from: start)
    else { return nil }
    let noise = noise(around: line, from: start)
    // What was built up early and moves since is no climb.
    let half = start + (count - start) / 2
    guard Statistics.line(times[half...], values[half...]).slope > 0.2 * line.slope else {
      return nil
    }
    var pattern = GrowthPattern(.steadyClimb)
    setRate(line, of: &pattern)
    pattern.trendProbability = probability
    pattern.confidence = confidence(in: line) * rise / (rise + 0.5 * noise)
    return pattern
  }

  private func risesClearly(from start: Int) -> Bool {
    let line = Statistics.line(times[start...], values[start...])
    return probability(thatChanceGives: line, from: start) != nil
  }

  /// How often chance gives a rise like that of the line through what comes from `start` on; nil where that is
  /// too often, or the rise is lost in what moves around the line.
  private func probability(thatChanceGives line: Statistics.Line, from start: Int) -> Double? {
    let rise = line.slope * ((times.last ?? 0) - times[start])
    let trend = Statistics.trend(thinned(Array(values[start...])))
    let probability = Statistics.probability(ofTrend: trend)
    guard rise > 2 * noise(around: line, from: start), probability < Self.significance,
      line.slopeRange.lowerBound > 0
    else { return nil }
    return probability
  }

  private func noise(around line: Statistics.Line, from start: Int) -> Double {
    Statistics.spread((start..<count).map { values[$0] - line.value(at: times[$0]) })
  }

  private func setRate(_ line: Statistics.Line, of pattern: inout GrowthPattern) {
    pattern.bytesPerHour = line.slope * 3600
    pattern.rateRange = line.slopeRange.lowerBound * 3600...line.slopeRange.upperBound * 3600
  }

  /// By how narrow the range is that the slope lies in.
  private func confidence(in line: Statistics.Line) -> Double {
    guard line.slope > 0 else { return 0 }
    let width = line.slopeRange.upperBound - line.slopeRange.lowerBound
    return min(0.99, max(0.05, 1 - width / line.slope / 2))
  }

  /// Every so manieth value: neighbors depend on each other, and the test takes them for independent.
  private func thinned(_ values: [Double]) -> [Double] {
    let step = max(1, values.count / 48)
    return stride(from: 0, to: values.count, by: step).map { values[$0] }
  }

  private static func nanoseconds(_ seconds: Double) -> UInt64 { UInt64(max(0, seconds * 1e9)) }
}
