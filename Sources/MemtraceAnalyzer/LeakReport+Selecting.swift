// SPDX-License-Identifier: Apache-2.0
//
// From all sites to those that were asked for: what reads the same becomes one, filters leave some
// out, the rest is grouped, laid out as a tree, and cut. It keeps count of what it leaves out.

import Symbolication

extension LeakReport {
  /// Leaves what `options` ask for, of a report on all sites.
  mutating func select(_ options: AnalysisOptions) throws(AnalysisError) {
    if options.mergesEqualNames { mergeEqualNames() }
    if options.hasFilter { try keepMatching(options) }
    if options.groupKey != .stack { group(by: options.groupKey, options) }
    if let direction = options.treeDirection {
      tree = CallTreeBuilder(
        direction, frames: frames, order: selection.order,
        collapsesRecursion: options.mergesEqualNames
      ).tree(of: sites, limit: options.treeBranchLimit)
    }
    if let limit = options.limit { cut(to: limit) }
  }

  /// Makes one site of those that read the same, and sees how much is the program's own doing.
  private mutating func mergeEqualNames() {
    var merger = SiteNameMerger(frames)
    sites = merger.merged(sites, order: selection.order)
    selection.all.siteCount = UInt64(sites.count)
    selection.matching = selection.all
    guard !selection.order.listsFreedSites else { return }
    selection.outstandingSiteCount = UInt64(sites.count)
    selection.ownBytes = ownBytes
  }

  /// What is outstanding through the program's own code.
  private var ownBytes: UInt64 {
    var verdicts: [UInt32: Bool] = [:]
    return sites.reduce(0) { sum, site in
      let isOwn = site.stack.addresses.contains { address in
        if let verdict = verdicts[address] { return verdict }
        let verdict = frames[address].contains(where: FrameRank.isOfProgram)
        verdicts[address] = verdict
        return verdict
      }
      return isOwn ? sum &+ site.totals.outstandingBytes : sum
    }
  }

  /// Drops what has no frame that matches.
  private mutating func keepMatching(_ options: AnalysisOptions) throws(AnalysisError) {
    var filter = try SiteFilter(options, frames: frames)
    sites.removeAll { !filter.matches($0.stack) }
    mappings.sites.removeAll { !filter.matches($0.stack) }
    largeAllocations.removeAll { !filter.matches($0.stack) }
    selection.filter = options.filter
    selection.onlyImages = options.onlyImages
    selection.matching = SiteSums(of: sites.lazy.map(\.totals))
  }

  private mutating func group(by key: SiteGroupKey, _ options: AnalysisOptions) {
    var grouper = SiteGrouper(
      by: key, frames: frames, passesOverPlumbing: options.passesOverPlumbing)
    let groups = grouper.groups(of: sites, order: selection.order)
    grouping = SiteGrouping(
      key: key, groups: Array(groups.prefix(options.limit ?? .max)),
      groupCount: UInt64(groups.count))
  }

  /// Leaves the first `limit` of each list.
  private mutating func cut(to limit: Int) {
    sites = Array(sites.prefix(limit))
    mappings.sites = Array(mappings.sites.prefix(limit))
    largeAllocations = Array(largeAllocations.prefix(limit))
  }
}
