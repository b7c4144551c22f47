// SPDX-License-Identifier: Apache-2.0
//
// Series made by rule, with noise from a seed, and the pattern that a person sees in each.

import MemtraceTestSupport
import Testing

@testable import MemtraceAnalyzer

@Suite struct PatternClassifierTests {
  private static let mebibyte = 1048576.0
  private static let count = 200

  /// `body` gives MiB for a share of the time, 0 to 1; noise is of that many MiB.
  private func pattern(
    noise: Double = 0, seed: UInt64 = 1, count: Int = count, tolerance: Double = 0.25,
    _ body: (Double) -> Double
  ) -> GrowthPattern {
    var random = SplitMix64(seed: seed)
    let shares = (0..<count).map { Double($0) / Double(count - 1) }
    let values = shares.map {
      (body($0) + .random(in: -noise...noise, using: &random)) * Self.mebibyte
    }
    return PatternClassifier(
      times: shares.map { $0 * 3600 }, values: values, tolerance: tolerance * Self.mebibyte
    ).pattern()
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func aLevelWithNoiseIsFlat(seed: UInt64) {
    #expect(pattern(noise: 0.1, seed: seed) { _ in 40 }.kind == .flat)
    #expect(pattern(noise: 4, seed: seed) { _ in 40 }.grows == false)
  }

  @Test(arguments: [0, 0.5, 2])
  func aLeakClimbsAtItsRate(noise: Double) {
    for seed: UInt64 in 1...5 {
      let found = pattern(noise: noise, seed: seed) { 30 + 20 * $0 }
      #expect(found.kind == .steadyClimb)
      #expect(abs(found.bytesPerHour / Self.mebibyte - 20) < 1)
      #expect(found.confidence > 0.8)
      #expect(found.rateRange.contains(found.bytesPerHour))
    }
  }

  @Test func aLeakOfWholeRequestsClimbsInSteps() {
    let found = pattern { 30 + ($0 * 25).rounded(.down) }
    #expect(found.kind == .steadyClimb)
    #expect(abs(found.bytesPerHour / Self.mebibyte - 25) < 2)
  }

  @Test func aLeakThatBeginsLateHasItsOwnRate() {
    let found = pattern(noise: 0.1) { $0 < 0.5 ? 30 : 30 + 40 * ($0 - 0.5) }
    #expect(found.kind == .steadyClimb)
    #expect(abs(found.bytesPerHour / Self.mebibyte - 40) < 4)
    #expect(abs(Double(found.turnNanoseconds ?? 0) / 1e9 - 1800) < 180)
  }

  @Test func warmingUpDoesNotHideALeak() {
    let found = pattern(noise: 0.1) { min($0 / 0.04, 1) * 50 + 10 * $0 }
    #expect(found.kind == .steadyClimb)
    #expect(abs(found.bytesPerHour / Self.mebibyte - 10) < 1)
  }

  @Test(arguments: [0.05, 0.2, 0.4, 0.6])
  func whatGrowsAndThenDoesNotIsOneTime(end: Double) {
    let found = pattern(noise: 0.1) { 10 + min($0 / end, 1) * 50 }
    #expect(found.kind == .oneTime)
    #expect(found.bytesPerHour == 0)
    #expect(abs(Double(found.turnNanoseconds ?? 0) / 3600e9 - end) < 0.1)
  }

  @Test func aStepIsOneTime() {
    #expect(pattern(noise: 0.1) { $0 < 0.3 ? 10 : 50 }.kind == .oneTime)
    #expect(pattern(noise: 0.1) { $0 < 0.6 ? 10 : 50 }.kind == .oneTime)
  }

  @Test func aCacheThatFillsExponentiallyIsOneTime() {
    // 1 - e^-8x: two thirds within an eighth of the time.
    var power = 1.0
    var curve: [Double] = []
    for _ in 0..<Self.count {
      curve.append(60 * (1 - power))
      power *= 0.96
    }
    let found = pattern { curve[Int(($0 * Double(Self.count - 1)).rounded())] }
    #expect(found.kind == .oneTime)
  }

  /// V8's heap as it was mapped in a program that keeps 21 MiB a second, on a busy machine: its young
  /// generation grew early, and within the tolerance the rest looked like a level.
  @Test func whatRisesAtEveryLookHasNotSettledWithinTheTolerance() {
    let mappedKibibytes: [Double] = [
      9428, 14820, 15992, 27056, 27660, 27660, 27660, 49676, 50576, 50576, 50576, 50576, 50576,
      52176, 51924, 51924, 51924, 56656, 63312, 63312, 63824, 64848, 67380, 69116, 69632, 69632,
      70656, 72192, 72960, 73472, 74496, 75008, 75776, 75776,
    ]
    let found = PatternClassifier(
      times: mappedKibibytes.indices.map { 0.5 + 0.056 * Double($0) },
      values: mappedKibibytes.map { $0 * 1024 }, tolerance: 16 * Self.mebibyte, settledShare: 0.5
    ).pattern()
    #expect(found.kind == .steadyClimb)
    // What comes and goes by as much is a level.
    let level = pattern(noise: 3, tolerance: 16) { $0 < 0.2 ? 10 : 60 }
    #expect(level.kind == .oneTime)
  }

  @Test func teethWithALevelBaselineAreNoGrowth() {
    let found = pattern(noise: 0.2) { 20 + ($0 * 8).truncatingRemainder(dividingBy: 1) * 30 }
    #expect(found.kind == .sawtooth)
    #expect(!found.baselineRises)
    #expect(found.excursionCount >= 7)
    #expect(!found.grows)
  }

  @Test func teethWithARisingBaselineAre() {
    let found = pattern(noise: 0.2) {
      20 + 20 * $0 + ($0 * 8).truncatingRemainder(dividingBy: 1) * 30
    }
    #expect(found.kind == .sawtooth)
    #expect(found.baselineRises)
    #expect(abs(found.bytesPerHour / Self.mebibyte - 20) < 2)
  }

  /// Ten teeth of 2304 KiB over a baseline that rises by 256 in each 0.15 s, as they were recorded on
  /// a busy machine: a tick of 256 KiB or two had passed when the lowest points were seen.
  @Test func theRateOfTeethIsThatOfTheirTopsWhereTheBaselineIsSeenLate() {
    let kibibytes: [Double] = [
      257, 257, 529, 1041, 1041, 1553, 1809, 2577, 2801, 2801, 1297, 1553, 2065, 2321, 2577, 2833,
      1041, 1041, 1553, 2065, 2321, 2833, 3089, 3313, 1553, 1809, 2321, 2577, 2833, 3089, 1553,
      1809, 2065, 2577, 2833, 2833, 3345, 3825, 2065, 2321, 2577, 3089, 3345, 3601, 3857, 2065,
      2321, 2833, 3089, 3601, 3857, 3857, 2081, 2577, 2833, 3089, 3601, 4113, 4113, 2577, 2833,
      2833, 3601, 3857, 4113, 4625, 4849, 2833, 3345, 3601, 3857, 4369, 4625, 2817,
    ]
    let tops: [Int: Double] = [
      8: 2817, 10: 2801, 16: 3073, 23: 3329, 30: 3585, 37: 3841, 45: 4097, 52: 4353, 59: 4609,
      66: 4865, 73: 5121,
    ]
    let found = PatternClassifier(
      times: kibibytes.indices.map { 0.0207 * Double($0) },
      values: kibibytes.map { $0 * 1024 },
      peaks: kibibytes.enumerated().map { 1024 * max($1, tops[$0] ?? 0) }, tolerance: 16384
    ).pattern()
    #expect(found.kind == .sawtooth)
    #expect(found.baselineRises)
    let expected = 256 * 1024 / 0.15 * 3600
    #expect(abs(found.bytesPerHour / expected - 1) < 0.05, "\(found.bytesPerHour / expected)")
  }

  @Test(arguments: [0.1, 0.3, 0.5, 0.8])
  func ashortExcursionIsASpike(at: Double) {
    let found = pattern(noise: 0.2) { $0 >= at && $0 < at + 0.05 ? 512 : 20 }
    #expect(found.kind == .spike)
    #expect(found.bytesPerHour == 0)
    #expect(found.peakBytes > 500 * Self.mebibyte)
    #expect(abs(Double(found.peakNanoseconds) / 3600e9 - at) < 0.06)
  }

  @Test func aSpikeBetweenTwoInstantsIsSeenByItsPeak() {
    let times = (0..<100).map { Double($0) }
    let values = [Double](repeating: 1e6, count: 100)
    var peaks = values
    peaks[40] = 512e6
    let found = PatternClassifier(times: times, values: values, peaks: peaks, tolerance: 1e5)
    #expect(found.pattern().kind == .spike)
  }

  @Test func aRiseToALevelAndASpikeAtItsEndIsAPlateauThenASpike() {
    let open = pattern(noise: 0.2) { $0 > 0.92 ? 400 : min($0 / 0.1, 1) * 60 }
    #expect(open.kind == .plateauThenSpike)
    let closed = pattern(noise: 0.2) { (0.75..<0.85).contains($0) ? 400 : min($0 / 0.1, 1) * 60 }
    #expect(closed.kind == .plateauThenSpike)
    let flat = pattern(noise: 0.2) { $0 > 0.9 ? 400 : 20 }
    #expect(flat.kind == .plateauThenSpike)
  }

  @Test func aFallIsNoGrowth() {
    #expect(!pattern(noise: 0.5) { 60 - 40 * $0 }.grows)
    #expect(!pattern(noise: 0.5) { $0 < 0.5 ? 60 : 10 }.grows)
  }

  @Test func aFewInstantsShowNothing() {
    let found = pattern(count: 5) { 10 + 50 * $0 }
    #expect(found.kind == .flat)
    #expect(found.confidence == 0)
  }
}
