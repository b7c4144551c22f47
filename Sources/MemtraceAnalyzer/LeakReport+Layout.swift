// SPDX-License-Identifier: Apache-2.0
//
// Sites in groups, or laid over each other as a tree, where that was asked for.

import Symbolication

extension LeakReport {
  /// Groups `sites` and lays them out as `options` ask for: all that match, in order, of which the
  /// report may list fewer.
  mutating func layOut(_ sites: some Sequence<Site>, _ options: AnalysisOptions) {
    if options.groupKey != .stack {
      var grouper = SiteGrouper(
        by: options.groupKey, frames: frames, passesOverPlumbing: options.passesOverPlumbing)
      let groups = grouper.groups(of: sites, order: selection.order)
      grouping = SiteGrouping(
        key: options.groupKey, groups: Array(groups.prefix(options.limit ?? .max)),
        groupCount: UInt64(groups.count))
    }
    if let direction = options.treeDirection {
      tree = CallTreeBuilder(
        direction, frames: frames, order: selection.order,
        collapsesRecursion: options.mergesEqualNames
      ).tree(of: sites, limit: options.treeBranchLimit)
    }
  }
}
