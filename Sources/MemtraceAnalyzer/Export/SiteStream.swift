// SPDX-License-Identifier: Apache-2.0
//
// The sites of a report one after the other: a million stacks as lists are too much at once.

import TraceFile

/// Sites whose stacks are made as they are asked for.
struct SiteStream: Sequence {
  let totals: [SiteTotals]
  let clock: TraceClock
  let resolver: StackResolver

  func makeIterator() -> some IteratorProtocol<Site> {
    totals.lazy.map { Site($0, clock: clock, resolver: resolver) }.makeIterator()
  }

  /// What their stacks are made of, callers before what they call; a step means an address of the
  /// report's frames.
  var steps: [StackPaths.Step] { resolver.steps }

  /// The innermost step of a site's stack; none means anything that is not above
  /// `StackPaths.missing`.
  func end(of site: SiteTotals) -> UInt32 { resolver.end(of: site.stack) }

  /// Calls `body` with each site's books and its stack, which it is not to keep.
  func forEachStack(_ body: (SiteTotals, ReportStack) -> Void) {
    var stack = ReportStack(addresses: [])
    for site in totals {
      resolver.write(site.stack, to: &stack)
      body(site, stack)
    }
  }
}
