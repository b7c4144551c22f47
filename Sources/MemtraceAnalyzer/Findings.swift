// SPDX-License-Identifier: Apache-2.0
//
// What a replay found, by stack and without names, on its way into a report.

import Symbolication
import TraceFile

/// Sites, large allocations and mappings that a report may list.
struct Findings {
  private(set) var sites: SiteList
  /// The largest first.
  private(set) var large: [LargeFinding]
  /// The largest first.
  private(set) var mappings: [(stack: StackID, totals: MappingTotals)]
  /// Which of all sites those are.
  private(set) var selection: SiteSelection

  /// What `replay` found, in this order; `listsFreedSites`: whether those sites that hold nothing
  /// are listed in every order.
  init(_ replay: borrowing Replay, order: SiteOrder, listsFreedSites: Bool = false) {
    sites = SiteList(replay.heap, order: order, listsFreedSites: listsFreedSites)
    large = LargeFinding.list(replay.heap)
    mappings = replay.mappings.outstandingSites()
    selection = SiteSelection(
      order: order, siteCount: UInt64(sites.siteCount),
      outstandingSiteCount: UInt64(sites.outstandingSiteCount), all: SiteSums(of: sites.sites))
  }

  /// The stacks of all that `limit` leaves.
  func stacks(limit: Int?) -> [StackID] {
    let listed = limit.map { sites.first($0).map(\.stack) } ?? sites.sites.map(\.stack)
    return listed + large.prefix(limit ?? .max).map(\.stack)
      + mappings.prefix(limit ?? .max).map(\.stack)
  }

  /// Makes one site of those that are the same stack but for when it was captured.
  mutating func mergeEqualStacks(_ resolver: StackResolver) {
    merge(by: resolver.numbers())
  }

  /// Makes one site of those that read the same, and sees how much is the program's own doing.
  mutating func mergeEqualNames(_ frames: FrameTable, _ resolver: StackResolver) {
    merge(by: resolver.numbers(byLooks: FrameLooks(frames).numbers))
    guard !selection.order.listsFreedSites else { return }
    selection.outstandingSiteCount = sites.sites.reduce(0) {
      $0 + ($1.outstandingCount > 0 ? 1 : 0)
    }
    selection.ownBytes = ownBytes(frames, resolver)
  }

  private mutating func merge(by numbers: StackNumbers?) {
    if let numbers { sites.merge(by: numbers) }
    selection.all.siteCount = UInt64(sites.sites.count)
    selection.matching = selection.all
  }

  /// What is outstanding through the program's own code.
  private func ownBytes(_ frames: FrameTable, _ resolver: StackResolver) -> UInt64 {
    let own = resolver.stacks(
      withAddress: frames.indices.map { frames[$0].contains(where: FrameRank.isOfProgram) })
    return sites.sites.reduce(0) { sum, site in
      own.contains(site.stack) ? sum &+ site.outstandingBytes : sum
    }
  }

  /// Drops what has no frame that matches.
  mutating func keep(
    matching filter: SiteFilter, _ frames: FrameTable, _ resolver: StackResolver
  ) {
    for verdicts in filter.verdicts(on: frames) {
      let matching = resolver.stacks(withAddress: verdicts)
      sites.keep { matching.contains($0) }
      large.removeAll { !matching.contains($0.stack) }
      mappings.removeAll { !matching.contains($0.stack) }
    }
    selection.filter = filter.pattern
    selection.onlyImages = filter.imagePatterns
    selection.matching = SiteSums(of: sites.sites)
  }
}
