// SPDX-License-Identifier: Apache-2.0
//
// The statistics against values worked out by hand, and against what they promise.

import MemtraceTestSupport
import Testing

@testable import MemtraceAnalyzer

@Suite struct StatisticsTests {
  @Test func quantilesLieBetweenTheValues() {
    #expect(Statistics.median([3, 1, 2]) == 2)
    #expect(Statistics.median([1, 2, 3, 10]) == 2.5)
    #expect(Statistics.quantile([0, 10], 0.25) == 2.5)
    #expect(Statistics.median([]) == 0)
  }

  @Test func theSpreadIgnoresOutliers() {
    #expect(Statistics.spread([1, 2, 3, 4, 1000]) == 1.4826)
  }

  @Test func theLineIgnoresAQuarterOfThePoints() {
    let times = (0..<40).map(Double.init)
    var values = times.map { 5 + 2 * $0 }
    for index in stride(from: 0, to: 40, by: 4) { values[index] = 1e6 }
    let line = Statistics.line(times[...], values[...])
    #expect(abs(line.slope - 2) < 0.2)
  }

  @Test func theLineOfAStraightSeriesIsExact() {
    let line = Statistics.line([0, 1, 2, 3], [1, 3, 5, 7])
    #expect(line.slope == 2)
    #expect(line.intercept == 1)
    #expect(line.slopeRange == 2...2)
  }

  /// Worked out by hand: S = 8 of 10 pairs, Var(S) = 5·4·15/18.
  @Test func theTrendIsMannAndKendalls() {
    let expected = 7 / (300.0 / 18).squareRoot()
    #expect(abs(Statistics.trend([1, 2, 4, 3, 5]) - expected) < 1e-12)
    #expect(Statistics.trend([1, 1, 1, 1]) == 0)
    #expect(abs(Statistics.probability(ofTrend: 1.959964) - 0.05) < 1e-6)
  }

  @Test func noiseHasNoTrendAsOftenAsPromised() {
    var random = SplitMix64(seed: 7)
    let found = (0..<400).count { _ in
      let values = (0..<40).map { _ in Double.random(in: 0...1, using: &random) }
      return Statistics.probability(ofTrend: Statistics.trend(values)) < 0.05
    }
    #expect((8...36).contains(found))
  }

  @Test func aBreakIsFoundWhereTheLineBends() throws {
    let times = (0..<100).map(Double.init)
    let values = times.map { $0 < 60 ? 7 : 7 + 3 * ($0 - 60) }
    let found = try #require(Statistics.breakPoint(times[...], values[...], leastCount: 8))
    #expect(abs(found.index - 60) <= 1)
    #expect(found.remainder < 0.01)
  }
}
