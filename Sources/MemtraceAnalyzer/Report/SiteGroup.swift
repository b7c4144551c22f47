// SPDX-License-Identifier: Apache-2.0
//
// Sites that belong together, and their books in one. Every site is in one group, so that the groups'
// sums are those of the sites.

import Symbolication

/// Some sites with something in common.
package struct SiteGroup: Hashable, Sendable {
  /// What they have in common.
  package enum Subject: Hashable, Sendable {
    /// A function; its line is known where it is JavaScript, or all calls are on one line.
    case function(Frame)
    /// The path of an ELF file.
    case image(String)
    /// None of their frames is what was asked for.
    case none
  }

  package var subject: Subject
  package var totals: SiteTotals
  package var siteCount: UInt64
  package var firstNanoseconds: UInt64
  package var lastNanoseconds: UInt64

  init(_ subject: Subject, _ site: Site) {
    self.subject = subject
    totals = site.totals
    siteCount = 1
    firstNanoseconds = site.firstNanoseconds
    lastNanoseconds = site.lastNanoseconds
  }

  /// Adds another site of the same subject; `subject` is how that site has it.
  mutating func add(_ site: Site, _ subject: Subject) {
    if case .function(var frame) = self.subject, case .function(let other) = subject,
      frame.line != other.line
    {
      frame.line = nil
      frame.column = nil
      self.subject = .function(frame)
    }
    totals.merge(site.totals)
    siteCount &+= 1
    firstNanoseconds = min(firstNanoseconds, site.firstNanoseconds)
    lastNanoseconds = max(lastNanoseconds, site.lastNanoseconds)
  }
}

/// The groups of a report.
package struct SiteGrouping: Sendable {
  package var key: SiteGroupKey
  /// As many as were asked for, in the order asked for.
  package var groups: [SiteGroup]
  /// Groups there are in all.
  package var groupCount: UInt64
}
