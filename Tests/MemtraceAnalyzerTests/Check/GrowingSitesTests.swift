// SPDX-License-Identifier: Apache-2.0
//
// Sites that are one although V8 has compiled what is above them anew in the middle of a run.

import Symbolication
import Testing

@testable import MemtraceAnalyzer

@Suite struct GrowingSitesTests {
  private let addon = ["lose_block", "lose"].map {
    Frame(function: $0, image: "/a/addon.node", address: 1)
  }
  private func node(_ functions: String...) -> [Frame] {
    functions.map { Frame(function: $0, image: "/usr/bin/node", address: 2) }
  }
  private let script = [
    Frame(function: "serve", file: "/a/app.js", line: 7, address: 3, kind: .javascript)
  ]
  private let nameless = [Frame(address: 4)]

  private func site(_ frames: [Frame], _ blocks: [UInt64]) -> GrowthOfTrace.Site {
    var series = BatchSeries(batchCount: blocks.count)
    series.blocks = blocks
    series.bytes = blocks.map { $0 * 24 }
    var sum: UInt64 = 0
    series.outstandingBlocks =
      [0]
      + blocks.map { block in
        sum += block; return sum
      }
    series.outstandingBytes = series.outstandingBlocks.map { $0 * 24 }
    return GrowthOfTrace.Site(
      site: CheckedSite(growing: frames, isTruncated: false), series: series)
  }

  private func growing(_ sites: GrowthOfTrace.Site...) -> [[UInt64]] {
    GrowingSites(sites, batchCount: 5).growing.map(\.series.blocks)
  }

  @Test func aCallFromOptimizedCodeTakesAShorterWayThroughNode() {
    let slow = addon + node("Invoke", "Call", "Builtin_HandleApiCall", "Builtins_CEntry") + script
    let fast = addon + node("Invoke", "Builtins_CallApiCallback") + nameless + script
    #expect(
      growing(site(slow, [10, 10, 4, 0, 0]), site(fast, [0, 0, 6, 10, 10])) == [
        [10, 10, 10, 10, 10]
      ])
  }

  @Test func whatNodeAllocatesItselfIsCalledThroughAnyTrampoline() {
    let own = node("NodeArrayBufferAllocator::Allocate", "Builtin_ArrayBufferConstructor")
    let slow = own + node("Builtins_CEntry", "Builtins_JSBuiltinsConstructStub") + script
    let fast = own + node("Builtins_CEntry") + nameless + script
    #expect(
      growing(site(slow, [10, 0, 0, 0, 0]), site(fast, [0, 10, 10, 10, 10])) == [
        [10, 10, 10, 10, 10]
      ])
  }

  /// Two tables as those of V8's concurrent marking double, each in its time: from 13 entries to 29,
  /// 29 to 59, and 29 to 59.
  ///
  /// By the sizes it was so when an addon that loses nothing was once blamed.
  @Test func tablesThatAnEngineMakesLargerInItsOwnThreadsAreNoGrowth() {
    let table = node("_Map_base::operator[]", "ConcurrentMarking::Run", "Worker::Run")
    func swelling(_ frames: [Frame]) -> GrowthOfTrace.Site {
      var swelling = site(frames, [0, 0, 0, 1, 1])
      swelling.series.outstandingBlocks = [2, 2, 2, 2, 2, 2]
      swelling.series.outstandingBytes = [336, 336, 464, 704, 944, 944]
      return swelling
    }
    #expect(growing(swelling(table)) == [])
    // What JavaScript or an addon makes larger is, whoever allocates it.
    #expect(growing(swelling(table + script)).count == 1)
    #expect(growing(swelling(addon + table)).count == 1)
  }

  @Test func otherFunctionsOfTheAddonAreOtherSites() {
    let other = [addon[0], Frame(function: "store", image: "/a/addon.node", address: 5)]
    let sites = growing(
      site(addon + node("Invoke") + script, [10, 10, 4, 0, 0]),
      site(other + node("Invoke") + script, [0, 0, 6, 10, 10]))
    #expect(sites == [])
  }
}
