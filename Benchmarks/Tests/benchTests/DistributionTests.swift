// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import bench

@Suite struct DistributionTests {
  @Test func theMedianIsTheMiddleOne() throws {
    #expect(try #require(Distribution([3, 1, 2])).median == 2)
    #expect(try #require(Distribution([4, 1, 3, 2])).median == 2.5)
    #expect(try #require(Distribution([7])).median == 7)
  }

  @Test func quartilesLieBetweenNeighbors() throws {
    let distribution = try #require(Distribution([50, 10, 20, 40, 30]))
    #expect(distribution.lowerQuartile == 20)
    #expect(distribution.upperQuartile == 40)
    #expect(try #require(Distribution([1, 2])).lowerQuartile == 1.25)
  }

  @Test func oneOutlierMovesNeitherMedianNorQuartiles() throws {
    let quiet = try #require(Distribution([10, 10, 10, 10, 10, 10, 10, 10, 11]))
    let disturbed = try #require(Distribution([10, 10, 10, 10, 10, 10, 10, 10, 900]))
    #expect(quiet.median == disturbed.median)
    #expect(quiet.upperQuartile == disturbed.upperQuartile)
  }

  @Test func nothingMeasuredIsNoDistribution() {
    #expect(Distribution([]) == nil)
  }
}
