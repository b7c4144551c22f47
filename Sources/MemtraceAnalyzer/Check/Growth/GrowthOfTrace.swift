// SPDX-License-Identifier: Apache-2.0
//
// From a trace with marks to what each site kept of each batch, and from several such to one verdict.

import Symbolication
import TraceFile

/// What the sites of a trace did from batch to batch, named and not judged yet.
struct GrowthOfTrace {
  struct Site {
    var site: CheckedSite
    var series: BatchSeries
  }

  let batchCount: Int
  private(set) var sites: [Site]

  /// Reads `trace` once more; `bounds` are its marks.
  init(
    _ trace: TraceFile, between bounds: [Ticks], onlyImages: [String], sysroot: String?,
    using symbolicator: inout some Symbolicator
  ) throws {
    let map = trace.codeNames.isEmpty ? PerfMap(of: trace, root: sysroot) : nil
    let history = try SiteHistory(
      of: trace, at: bounds, splitsCohorts: true, changeLimit: nil, codeNames: map?.names)
    batchCount = bounds.count - 1
    let resolver = StackResolver(history.sites.map(\.stack), meanings: history.meanings)
    let frames = resolver.frames(using: &symbolicator)
    // Code that V8 compiled again has a new address and is the same function.
    let numbers = resolver.numbers(byLooks: FrameLooks(frames).numbers)
    var places: [UInt32: Int] = [:]
    var found: [(stack: StackID, series: BatchSeries)] = []
    for site in history.sites {
      let number = numbers?[site.stack] ?? site.stack.rawValue
      let place = places[number] ?? found.count
      if place == found.count {
        places[number] = place
        found.append((site.stack, BatchSeries(batchCount: batchCount)))
      }
      found[place].series.add(site)
    }
    var options = AnalysisOptions()
    options.onlyImages = onlyImages
    let wanted = try SiteFilter(options).verdicts(on: frames).map(
      resolver.stacks(withAddress:))
    sites = found.compactMap { stack, series in
      guard wanted.allSatisfy({ $0.contains(stack) }) else { return nil }
      let reported = resolver.reportStack(stack)
      return Site(
        site: CheckedSite(
          growing: Array(frames.frames(of: reported)), isTruncated: reported.isTruncated),
        series: series)
    }
  }

  init(batchCount: Int, sites: [Site]) {
    self.batchCount = batchCount
    self.sites = sites
  }

  /// The same, known to be of one process of a result.
  func ofProcess(_ process: Int) -> GrowthOfTrace {
    GrowthOfTrace(
      batchCount: batchCount,
      sites: sites.map {
        var site = $0
        site.site.processes = [process]
        return site
      })
  }

  /// What grows in several processes taken together; what a suppression silences does not.
  static func merged(
    _ traces: [GrowthOfTrace], _ marks: BatchMarks, _ suppressions: inout SuppressionSet
  ) -> Growth {
    let batchCount = traces.map(\.batchCount).max() ?? 0
    var growth = Growth(marks: marks, batchCount: batchCount)
    let sites = GrowingSites(traces.flatMap(\.sites), batchCount: batchCount)
    growth.settledSiteCount = sites.settledSiteCount
    let judged = sites.growing.map { Growth.Site($0, marks.iterationCount) }
    var kept: [Growth.Site] = []
    for site in judged
    where !suppressions.unsuppressed([site.site], withBuiltin: false).isEmpty {
      kept.append(site)
    }
    growth.sites = kept.sorted {
      ($0.bytesPerIteration, $0.blocksPerIteration) > ($1.bytesPerIteration, $1.blocksPerIteration)
    }
    return growth
  }
}

extension BatchSeries {
  /// Adds what a stack allocated in one batch, or before all of them.
  mutating func add(_ site: SiteSeries) {
    let amounts = site.amounts(count: outstandingBlocks.count)
    for (index, amount) in amounts.enumerated() {
      outstandingBlocks[index] &+= amount.count
      outstandingBytes[index] &+= amount.byteCount
    }
    guard site.cohort > 0, site.cohort <= blocks.count, let last = amounts.last else { return }
    blocks[site.cohort - 1] &+= last.count
    bytes[site.cohort - 1] &+= last.byteCount
  }
}

extension Growth.Site {
  /// What was judged to grow, in numbers.
  init(_ site: GrowthOfTrace.Site, _ iterationCount: UInt64) {
    self.site = site.site
    let series = site.series
    let swells = !GrowthRule.pilesUp(site)
    // Of a block that becomes larger, what it became larger by counts, and no block.
    let bytes =
      swells
      ? series.bytes.indices.map {
        series.outstandingBytes[$0 + 1].subtractingToZero(series.outstandingBytes[$0])
      } : series.bytes
    let blocks = swells ? series.blocks.map { _ in 0 } : series.blocks
    batches = zip(bytes, blocks).map { Growth.Batch(byteCount: $0, blockCount: $1) }
    self.site.outstandingBytes = bytes.reduce(0, &+)
    self.site.outstandingCount = blocks.reduce(0, &+)
    bytesPerIteration = GrowthRule.perIteration(bytes, iterationCount)
    blocksPerIteration = GrowthRule.perIteration(blocks, iterationCount)
  }
}

extension UInt64 {
  fileprivate func subtractingToZero(_ other: UInt64) -> UInt64 {
    self > other ? self - other : 0
  }
}
