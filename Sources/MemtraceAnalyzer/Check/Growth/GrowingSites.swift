// SPDX-License-Identifier: Apache-2.0
//
// Applies the rule of growth to sites, and to sites that are one but for what V8 made of the
// JavaScript above them: when it inlines a function into its caller, the stack changes in the
// middle of a run, and each of both has only some of the batches.

import Symbolication

/// Which sites grow.
struct GrowingSites {
  private(set) var growing: [GrowthOfTrace.Site] = []
  /// Sites that keep something and do not grow.
  private(set) var settledSiteCount: UInt64 = 0

  init(_ all: [GrowthOfTrace.Site], batchCount: Int) {
    let kept = Self.summed(all, batchCount: batchCount).filter {
      $0.series.blocks.contains { $0 > 0 } || GrowthRule.swells($0)
    }
    var groups: [[FramePlace]: [GrowthOfTrace.Site]] = [:]
    var order: [[FramePlace]] = []
    for site in kept {
      let key = Self.framesBelowJavaScript(site.site.frames).map(FramePlace.init)
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(site)
    }
    for key in order { judge(groups[key] ?? []) }
  }

  /// The frames from the allocation out to where JavaScript begins, without those by which node was
  /// called from there: from code that V8 has optimized the way is another, and shorter one.
  static func framesBelowJavaScript(_ frames: [Frame]) -> ArraySlice<Frame> {
    let native = frames.prefix { !RuntimeImages.isGenerated($0) }
    if let outermost = native.lastIndex(where: { !RuntimeImages.node.contain($0) }) {
      return native[...outermost]
    }
    // Nobody's but node's: without V8's trampolines at least.
    let isTrampoline = { (frame: Frame) in frame.function?.hasPrefix("Builtins_") == true }
    return native[..<((native.lastIndex { !isTrampoline($0) } ?? -1) + 1)]
  }

  /// Judges sites that are equal from the allocation out to where JavaScript begins.
  private mutating func judge(_ sites: [GrowthOfTrace.Site]) {
    var found = sites.filter(GrowthRule.grows)
    var rest = sites.filter { !GrowthRule.grows($0) }
    if found.isEmpty, rest.count > 1 {
      // None grows on its own; all of them together may.
      let together = Self.sum(rest)
      if GrowthRule.grows(together) {
        growing.append(together)
        return
      }
    }
    // What fills the gaps of one that grows is part of it: exact counts need every batch.
    for index in found.indices {
      rest.removeAll { other in
        var both = found[index]
        both.series.merge(other.series)
        guard both.series.spread <= found[index].series.spread, !other.series.blocks.isEmpty else {
          return false
        }
        found[index].series = both.series
        return true
      }
    }
    growing += found
    settledSiteCount += UInt64(rest.count)
  }

  /// One site of several, with the stack of the one that kept most.
  private static func sum(_ sites: [GrowthOfTrace.Site]) -> GrowthOfTrace.Site {
    var sum = sites[0]
    var most = sum.series.blocks.reduce(0, &+)
    for site in sites.dropFirst() {
      sum.series.merge(site.series)
      let count = site.series.blocks.reduce(0, &+)
      if count > most {
        most = count
        sum.site = site.site
      }
    }
    return sum
  }

  /// Equal stacks of several processes as one.
  private static func summed(
    _ sites: [GrowthOfTrace.Site], batchCount: Int
  ) -> [GrowthOfTrace.Site] {
    var places: [[FramePlace]: Int] = [:]
    var summed: [GrowthOfTrace.Site] = []
    for var site in sites {
      site.series.extend(to: batchCount)
      let key = site.site.frames.map(FramePlace.init)
      if let place = places[key] {
        summed[place].series.merge(site.series)
        summed[place].site.merge(site.site)
      } else {
        places[key] = summed.count
        summed.append(site)
      }
    }
    return summed
  }
}

extension GrowthRule {
  static func grows(_ site: GrowthOfTrace.Site) -> Bool { pilesUp(site) || swells(site) }

  /// Whether its blocks pile up.
  static func pilesUp(_ site: GrowthOfTrace.Site) -> Bool {
    let isOfRuntime = site.site.frames.allSatisfy {
      RuntimeImages.node.contain($0) || RuntimeImages.isGenerated($0)
    }
    return grows(site.series, isOfRuntime: isOfRuntime)
  }

  /// Whether its blocks become larger, and something of the program had a part in it.
  ///
  /// An engine's own threads have tables, each of which doubles now and then: together they may in
  /// every batch.
  static func swells(_ site: GrowthOfTrace.Site) -> Bool {
    let isOfProgram = site.site.frames.contains {
      !RuntimeImages.node.contain($0) || RuntimeImages.isGenerated($0)
    }
    return isOfProgram && swells(site.series)
  }
}

extension BatchSeries {
  /// Makes room for batches that the process did not come to.
  mutating func extend(to batchCount: Int) {
    while blocks.count < batchCount {
      blocks.append(0)
      bytes.append(0)
      outstandingBlocks.append(outstandingBlocks.last ?? 0)
      outstandingBytes.append(outstandingBytes.last ?? 0)
    }
  }
}
