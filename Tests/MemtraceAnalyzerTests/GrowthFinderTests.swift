// SPDX-License-Identifier: Apache-2.0
//
// Which series of a site are growth, and which churn that has risen by chance.

import Testing

@testable import MemtraceAnalyzer

@Suite struct GrowthFinderTests {
  private func pattern(of kibibytes: [Double]) -> GrowthPattern? {
    GrowthFinder(
      times: kibibytes.indices.map { 0.1875 * Double($0) }, places: Array(kibibytes.indices)
    ).pattern(of: kibibytes.map { $0 * 1024 }, tolerance: 4096)
  }

  /// What a function holds whose blocks live for up to a second, in each thirty-second part of the
  /// six of the program `needle`: after warming up they have become more by chance.
  private static let churn: [Double] = [
    59, 534, 885, 1137, 1363, 1404, 1380, 1446, 1408, 1445, 1401, 1416, 1481, 1447, 1444, 1502,
    1475, 1405, 1425, 1464, 1515, 1540, 1517, 1498, 1426, 1430, 1503, 1525, 1555, 1552, 1548, 1576,
  ]

  @Test func churnThatRisesByChanceIsNoGrowth() {
    #expect(pattern(of: Self.churn) == nil)
  }

  /// A leak of twelve times what the churn moves by.
  @Test func aLeakUnderTheSameChurnIsGrowth() throws {
    let found = try #require(
      pattern(of: Self.churn.enumerated().map { $1 + 20 * Double($0) }))
    #expect(found.kind == .steadyClimb)
  }

  @Test(arguments: [12, 20, 32, 63])
  func aLeakIsGrowthHoweverFewInstantsThereAre(count: Int) {
    #expect(pattern(of: (0..<count).map { 100 + 10 * Double($0) }) != nil)
  }
}
