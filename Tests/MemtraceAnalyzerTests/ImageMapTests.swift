// SPDX-License-Identifier: Apache-2.0
//
// Which image an address belongs to, when images come and go.

import Testing
import TraceFile

@testable import MemtraceAnalyzer

@Suite struct ImageMapTests {
  private func image(
    _ path: String, _ range: Range<UInt64>, from loadEpoch: UInt32 = 0, until end: UInt32? = nil
  ) -> Image {
    Image(
      start: range.lowerBound, end: range.upperBound, loadBias: range.lowerBound, path: path,
      loadEpoch: loadEpoch, unloadEpoch: end)
  }

  @Test func anAddressBelongsToTheImageAroundIt() {
    let map = ImageMap([image("high", 0x5000..<0x6000), image("low", 0x1000..<0x2000)])
    #expect(map.image(at: 0x0fff, epoch: 0) == nil)
    #expect(map.image(at: 0x1000, epoch: 0) == 1)
    #expect(map.image(at: 0x1fff, epoch: 0) == 1)
    #expect(map.image(at: 0x2000, epoch: 0) == nil)
    #expect(map.image(at: 0x5800, epoch: 0) == 0)
    #expect(map.image(at: 0x6000, epoch: 0) == nil)
    #expect(!map.hasEpochs)
  }

  @Test func anImageBehindASmallerOneIsFound() {
    let map = ImageMap([image("around", 0x1000..<0x9000), image("inside", 0x2000..<0x3000)])
    #expect(map.image(at: 0x2800, epoch: 0) == 1)
    #expect(map.image(at: 0x4000, epoch: 0) == 0)
  }

  @Test func ofImagesThatFollowedEachOtherTheEpochDecides() {
    let map = ImageMap([
      image("first", 0x1000..<0x3000, until: 2), image("second", 0x2000..<0x4000, from: 2),
    ])
    #expect(map.image(at: 0x2800, epoch: 0) == 0)
    #expect(map.image(at: 0x2800, epoch: 1) == 0)
    #expect(map.image(at: 0x2800, epoch: 2) == 1)
    #expect(map.hasEpochs)
  }

  /// A thread may go through an image before another thread has recorded it.
  @Test func whereNoImageWasThereTheOneNearestInTimeWas() {
    let map = ImageMap([
      image("first", 0x1000..<0x3000, until: 2), image("second", 0x1000..<0x3000, from: 5),
    ])
    #expect(map.image(at: 0x1800, epoch: 2) == 0)
    #expect(map.image(at: 0x1800, epoch: 3) == 1)
    #expect(map.image(at: 0x1800, epoch: 4) == 1)
    #expect(map.image(at: 0x1800, epoch: 9) == 1)
    #expect(map.image(at: 0x4000, epoch: 3) == nil)
  }

  @Test func ofTwoEquallyNearTheLaterIsTaken() {
    let map = ImageMap([
      image("first", 0x1000..<0x3000, until: 2), image("second", 0x1000..<0x3000, from: 3),
    ])
    #expect(map.image(at: 0x1800, epoch: 2) == 1)
  }
}
