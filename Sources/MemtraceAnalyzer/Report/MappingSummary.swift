// SPDX-License-Identifier: Apache-2.0
//
// What mmap and its kin did; beside the heap, never added to it.

/// The mapped address space at the end of the time asked for.
package struct MappingSummary: Sendable {
  /// One stack and what it still has mapped.
  package struct Site: Hashable, Sendable {
    package var totals: MappingTotals
    package var stack: ReportStack

    package init(totals: MappingTotals, stack: ReportStack) {
      self.totals = totals
      self.stack = stack
    }
  }

  package var totals = MappingTotals()
  /// The stacks with the most, as many as were asked for.
  package var sites: [Site] = []
  /// Stacks with something still mapped.
  package var siteCount: UInt64 = 0

  package init() {}
}
