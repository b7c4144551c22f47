// SPDX-License-Identifier: Apache-2.0
//
// The stacks of a report laid over each other: from the allocation outwards, or from main inwards.
// Every node has the sums of all stacks through it, so the roots' sums are those of all sites.

import Symbolication

/// Callers and callees, with what was allocated by each way.
package struct CallTree: Sendable {
  package enum Direction: String, CaseIterable, Sendable {
    /// Roots are the functions that allocated, branches are their callers.
    case bottomUp = "bottom-up"
    /// Roots are what the threads began with, branches are callees.
    case topDown = "top-down"
  }

  package struct Node: Hashable, Sendable {
    /// The node it branches off from, which stands before it; nil for a root.
    package var parent: Int?
    /// Which of `functions`; nil: stacks without any frame.
    package var function: Int?
    package var sums: SiteSums
    /// Whether repetitions of this call, or of a circle of calls that ends here, were left out.
    package var isRecursive = false
  }

  package var direction: Direction
  /// Every node behind its parent and its parent's earlier branches; branches of one node in the
  /// order asked for.
  package var nodes: [Node]
  /// The functions that nodes are of: a frame of each.
  ///
  /// Its line is that of the calls where all are on one.
  package var functions: [Frame]
}
