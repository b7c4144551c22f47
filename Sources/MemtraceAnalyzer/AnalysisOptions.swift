// SPDX-License-Identifier: Apache-2.0
//
// What is asked of a trace.

import TraceFile

/// Which part of a trace to look at, and what to list of it.
package struct AnalysisOptions: Sendable {
  /// Blocks that begin before it are not counted; nil: the start of the trace.
  package var from: TimeBound?
  /// What is outstanding is what is outstanding at this instant; nil: the end of the trace.
  package var to: TimeBound?
  /// Of what was allocated up to `to`, that counts which is still outstanding at this later instant;
  /// nil: what is outstanding at `to`.
  package var aliveAt: TimeBound?
  package var order = SiteOrder.outstanding
  /// Most sites, or groups of them, to list; nil: all.
  package var limit: Int?
  /// Whether the report holds its sites; an export takes them one after the other.
  var holdsSites = true
  /// At how many instants an export is to know what each site held.
  var instantCount = 0
  /// Whether sites that hold nothing any more are listed in every order.
  package var listsFreedSites = false
  /// Whether to tell what memory was like over time.
  package var recordsMemory = false
  /// Collections that node printed, for what memory was like; nil: those of the trace.
  package var collections: [GarbageCollection]?
  /// Whether sites that read the same are one, as people want it.
  package var mergesEqualNames = false
  /// Regular expression that a frame's function, file or image of a listed site must match.
  package var filter: String?
  /// Patterns as a shell has them; the image of a frame of a listed site must match one, by its path
  /// where the pattern has a slash, by its file name else.
  package var onlyImages: [String] = []
  /// What sites are grouped by.
  package var groupKey = SiteGroupKey.stack
  /// Whether the function or image that answers for a block is looked for behind plumbing.
  package var passesOverPlumbing = true
  /// Which way to lay the stacks over each other; nil: not at all.
  package var treeDirection: CallTree.Direction?
  /// Most branches of each node of the tree; nil: all.
  package var treeBranchLimit: Int?
  /// Single allocations from here on are reported one by one.
  package var largeThreshold: UInt64 = LargeAllocationLog.defaultThreshold
  /// A site that grows by this much within the window is reported; nil: the large threshold.
  package var burstThreshold: UInt64?
  package var burstWindowNanoseconds: UInt64 = 1_000_000_000
  /// A folder that stands for `/` when the traced program's files are looked for.
  package var sysroot: String?
  /// Whether names may come from the user's cache, and go into it.
  package var usesNameCache = true

  package init() {}

  /// Whether frames decide which sites are listed.
  var hasFilter: Bool { filter != nil || !onlyImages.isEmpty }

  /// Whether a site that is not listed is part of something that is.
  var needsAllStacks: Bool { groupKey != .stack || treeDirection != nil }

  /// Whether a site that is not listed has to have names all the same.
  var needsAllNames: Bool { hasFilter || mergesEqualNames || needsAllStacks }
}
