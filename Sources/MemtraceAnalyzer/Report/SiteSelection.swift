// SPDX-License-Identifier: Apache-2.0
//
// What was asked for of all sites, and how much of them that is: what a filter leaves out is said.

/// Which of all sites the listed ones are.
package struct SiteSelection: Hashable, Sendable {
  package var order: SiteOrder
  /// The regular expression that a frame must match.
  package var filter: String?
  /// The patterns one of which the image of a frame must match.
  package var onlyImages: [String] = []
  /// Stacks that allocated in the time asked for.
  package var siteCount: UInt64
  /// Of these, the ones that still hold something.
  package var outstandingSiteCount: UInt64
  /// The sites of interest in this order: all, or those that still hold something.
  ///
  /// Where sites that read the same are one, they count as one.
  package var all: SiteSums
  /// Those of them that pass the filters.
  package var matching: SiteSums
  /// Bytes outstanding through the program's own code, where that was looked into.
  package var ownBytes: UInt64?

  package init(
    order: SiteOrder, siteCount: UInt64, outstandingSiteCount: UInt64, all: SiteSums
  ) {
    self.order = order
    self.siteCount = siteCount
    self.outstandingSiteCount = outstandingSiteCount
    self.all = all
    matching = all
  }

  /// Whether anything may have been left out for what its frames are.
  package var isFiltered: Bool { filter != nil || !onlyImages.isEmpty }
}
